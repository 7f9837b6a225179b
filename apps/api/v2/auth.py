"""Who calls: a software by its key, or a connection or office by its login."""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.core import clock
from apps.core.errors import DomainError
from apps.tokens import usage
from apps.tokens.selectors import (
    Caller,
    CredentialsMissing,
    CredentialsWrong,
    authenticate,
    get_software,
)
from apps.tokens.services.connections import use_credential_first

__all__ = ["LoginRequest", "SoftwareRequest", "counted", "login", "login_to_end", "name_caller", "software_key"]

SOFTWARE_HEADER = "X-Software-Company"


class LoginRequest(HttpRequest):
    """A request whose login was checked."""

    auth: Caller


class SoftwareRequest(HttpRequest):
    """A request whose software key was checked."""

    auth: Any


def software_key(request: HttpRequest) -> Any:
    """Return the software that the request's key identifies (calls 1 and 2, which have no login)."""
    return get_software(key=request.headers.get(SOFTWARE_HEADER, ""))


def login(request: HttpRequest) -> Caller:
    """Return the caller that the request's Basic login and software key name.

    The first use of a pair is recorded here; every later one writes no row.

    :raises CredentialsMissing: without a login, and the refusals of `authenticate`.
    """
    return _login(request)


def login_to_end(request: HttpRequest) -> Caller:
    """Return the caller as `login` does, also when its connection has been ended: ending it twice is no mistake."""
    return _login(request, may_be_revoked=True)


def name_caller(request: HttpRequest) -> str:
    """Return a text that stands for who calls, the same for each of its pairs; empty when nobody known does."""
    try:
        caller = login(request) if "Authorization" in request.headers else None
    except DomainError:
        # A software that connects anew may still send the login it had.
        caller = None
    if caller is None:
        try:
            return f"software:{software_key(request).uuid}"
        except DomainError:
            return ""
    if caller.office is not None:
        return f"office:{caller.office.uuid}"
    return f"connection:{caller.connection.uuid}" if caller.connection else ""


def _login(request: HttpRequest, *, may_be_revoked: bool = False) -> Caller:
    username, password = _basic(request.headers.get("Authorization", ""))
    now, key = clock.now(), request.headers.get(SOFTWARE_HEADER, "")
    caller = authenticate(username=username, password=password, key=key, now=now, may_be_revoked=may_be_revoked)
    if caller.is_first_use and not caller.is_revoked:
        use_credential_first(credential_id=caller.credential_id, now=now)
    return caller


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise CredentialsMissing
    try:
        pair = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error as error:
        raise CredentialsWrong from error
    # Clients encode in UTF-8, ASCII or Latin-1; ours are plain ASCII, so every other text is simply wrong.
    username, colon, password = pair.decode("latin-1").partition(":")
    if not colon or "\0" in username:
        raise CredentialsWrong
    return username, password


def counted(kind: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Count each call of a view for the software that made it, refused ones apart; strangers are not counted."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def counting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            answer: HttpResponse = view(request, *args, **kwargs)
            _count(kind if answer.status_code < 400 else f"{kind}_refused", getattr(request, "auth", None))
            return answer

        return counting

    return decorate


def _count(kind: str, caller: Any) -> None:
    software = caller.software if isinstance(caller, Caller) else caller
    credential_id = caller.credential_id if isinstance(caller, Caller) else None
    if caller is not None:
        software_id = software.pk if software else None
        usage.count(kind, software_id=software_id, credential_id=credential_id, day=clock.today(), now=clock.now())
