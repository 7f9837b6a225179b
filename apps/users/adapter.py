"""How allauth behaves here."""

import logging
import smtplib
from typing import Any, Final

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import get_next_redirect_url
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from anymail.exceptions import AnymailError
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathFillImage

from apps.core import clock
from apps.users import emails
from apps.users.models import User
from apps.users.rules import is_recent_sign_in
from apps.users.sealing import seal, unseal
from apps.users.selectors import find_person, second_factor_of

logger = logging.getLogger(__name__)

WRONG_CODE: Final = gettext_lazy("This code is not right, or was used already. Take the newest one.")
NEXT_SESSION_KEY: Final = "sign_in_next"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    """Nobody signs up by themselves: the first member of a place comes from a mailed link or from staff."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": gettext_lazy("This login is switched off. Write to our support."),
        "cannot_remove_primary_email": gettext_lazy(
            "You sign in with this address: choose another one for that first."
        ),
        "duplicate_email": gettext_lazy("You have this address already."),
        "email_password_mismatch": gettext_lazy("The e-mail address and the password do not belong together."),
        "email_taken": gettext_lazy("Somebody signs in with this address already."),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": gettext_lazy("This password is not right."),
        "invalid_password_reset": gettext_lazy("This link no longer works. Ask for a new one."),
        "max_email_addresses": gettext_lazy("You cannot have more than %d addresses."),
        "rate_limited": gettext_lazy("That was too often. Wait a few minutes, then try again."),
        "too_many_login_attempts": gettext_lazy("That was too often. Wait five minutes, then try again."),
        "unverified_primary_email": gettext_lazy("Confirm this address first, with the link that was sent to it."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 # allauth's signature
        """Refuse open sign-up."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **login: Any) -> HttpResponse | None:
        """Keep where a sign-in through a mailed link was to lead, in case a second factor is asked for in between."""
        request.session.pop(NEXT_SESSION_KEY, None)
        if not login["redirect_url"] and (wanted := get_next_redirect_url(request)):
            request.session[NEXT_SESSION_KEY] = wanted
        answer: HttpResponse | None = super().pre_login(request, user, **login)
        return answer

    def post_login(self, request: HttpRequest, user: User, **login: Any) -> HttpResponse:
        """Lead to where the person wanted to go."""
        login["redirect_url"] = login["redirect_url"] or request.session.pop(NEXT_SESSION_KEY, None)
        answer: HttpResponse = super().post_login(request, user, **login)
        return answer

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 # allauth's signature
        """Go back to the account page."""
        return reverse("portal:account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Let the mailed link lead to where the person wanted to go when they noticed that they forgot it."""
        url: str = super().get_reset_password_from_key_url(key)
        wanted = get_next_redirect_url(self.request)
        return f"{url}?{urlencode({REDIRECT_FIELD_NAME: wanted})}" if wanted else url

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Do not ask again from who signed in a moment ago."""
        request = allauth_context.request
        records = get_authentication_records(request, request.user)
        if any(is_recent_sign_in(record["at"], now=clock.now().timestamp()) for record in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Ask staff for their second factor: the password alone is not enough for them."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if (
            settings.STAFF_SECOND_FACTOR
            and user.is_authenticated
            and user.is_staff
            and second_factor_of(user).is_set_up
        ):
            return [method for method in methods if method["id"] != "reauthenticate"]
        return methods

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of allauth's mails through the project's own layout, in the person's language.

        A notice that no mail server takes is logged: what it tells has happened. A link that is not sent is an error.
        """
        person = find_person(address=email)
        letter = emails.Recipient(email, person.language if person else allauth_context.request.LANGUAGE_CODE)
        if template_prefix in emails.NOTICES:
            notice = emails.security_notice(
                letter, change=emails.NOTICES[template_prefix], ip=context.get("ip", ""), now=clock.now()
            )
            try:
                notice.send()
            except (smtplib.SMTPException, AnymailError, OSError) as error:
                logger.warning("security notice not sent: %s", error)
            return
        emails.LINKS[template_prefix](letter, context=context, now=clock.now()).send()


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    """Second factors: their secrets are stored encrypted, their sentences are ours."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_generate_recovery_codes": gettext_lazy("Set up an app or a passkey first."),
        "incorrect_code": WRONG_CODE,
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Read a stored secret."""
        return unseal(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """Draw the QR code on white, so that it can be read in the dark theme too."""
        return str(qrcode.make(url, image_factory=SvgPathFillImage).to_string(encoding="unicode"))

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 # allauth's signature
        """Propose a name for a new passkey."""
        del type
        return _("Passkey %(number)d") % {"number": len(second_factor_of(user).passkeys) + 1}

    def _get_site_name(self) -> str:
        return settings.SITE_NAME
