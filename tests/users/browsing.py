"""A person at a browser who signs in, with an authenticator app in hand."""

import base64
import hashlib
import hmac
import re
import struct
import time
from dataclasses import dataclass
from typing import Any

from django.test import Client

from apps.users.models import User
from tests.factories import registry

PASSWORD = "een lang geheim"
LOGIN = "/accounts/login/"
CODE_PAGE = "/accounts/2fa/authenticate/"
SET_UP = "/accounts/2fa/totp/activate/"


@dataclass(frozen=True)
class App:
    """An authenticator app, as RFC 6238 says."""

    secret: str

    def code(self, *, steps: int = 0) -> str:
        """Return the code of now, or of some half minutes later."""
        counter = struct.pack(">Q", int(time.time()) // 30 + steps)
        digest = hmac.new(base64.b32decode(self.secret), counter, hashlib.sha1).digest()
        start = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def sign_in(browser: Client, user: User, *, to: str = "", password: str = PASSWORD) -> Any:
    """Send the sign-in form."""
    form = {"login": user.email, "password": password} | ({"next": to} if to else {})
    return browser.post(LOGIN, form)


def set_up_app(browser: Client) -> App:
    """Set an app up on the page, with its code of now, and return it."""
    page = browser.get(SET_UP).content.decode()
    found = re.search(r'<strong class="mono">([A-Z2-7 ]+)</strong>', page)
    assert found, page
    app = App(found[1].replace(" ", ""))
    answer = browser.post(SET_UP, {"code": app.code()})
    assert answer.status_code == 302, answer.content.decode()
    return app


def person_with_app(email: str = "an@example.be", *, is_staff: bool = False) -> tuple[User, App]:
    """Return somebody who set up an app in another browser."""
    user, browser = registry.make_user(email, is_staff=is_staff), Client()
    sign_in(browser, user)
    return user, set_up_app(browser)
