"""Mails about a person's login. They are sent while the person waits, not by a reaction: nothing is stored of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from allauth.account import app_settings
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.letters import Letter, compose
from apps.users.rules import SecurityChange

ADDRESS_LINK_LIFE: Final = timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)
PASSWORD_LINK_LIFE: Final = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)

CHANGES: Final = {
    SecurityChange.PASSWORD_CHANGED: _("Your password was changed"),
    SecurityChange.PASSWORD_SET: _("A password was set for your login"),
    SecurityChange.PASSWORD_RESET: _("Your password was changed with a link by e-mail"),
    SecurityChange.ADDRESS_CHANGED: _("You now sign in with another e-mail address"),
    SecurityChange.ADDRESS_REMOVED: _("An e-mail address was removed from your login"),
    SecurityChange.ADDRESS_CONFIRMED: _("An e-mail address was added to your login"),
    SecurityChange.APP_ADDED: _("An authenticator app was added to your login"),
    SecurityChange.APP_REMOVED: _("The authenticator app was removed from your login"),
    SecurityChange.PASSKEY_ADDED: _("A passkey was added to your login"),
    SecurityChange.PASSKEY_REMOVED: _("A passkey was removed from your login"),
    SecurityChange.CODES_MADE: _("New recovery codes were made for your login"),
    SecurityChange.REMOVED_BY_STAFF: _("Our support removed the second factor from your login"),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail goes to, and the language that they read."""

    address: str
    language: str


def address_confirmation(to: Recipient, *, context: Mapping[str, Any], now: datetime) -> EmailMultiAlternatives:
    """Return the mail whose link confirms that an address is the person's own."""
    return _compose("address-confirmation", to, {"url": context["activate_url"], "until": now + ADDRESS_LINK_LIFE}, now)


def password_reset(to: Recipient, *, context: Mapping[str, Any], now: datetime) -> EmailMultiAlternatives:
    """Return the mail whose link lets the person choose a new password."""
    return _compose(
        "password-reset", to, {"url": context["password_reset_url"], "until": now + PASSWORD_LINK_LIFE}, now
    )


def unknown_login(to: Recipient, *, context: Mapping[str, Any], now: datetime) -> EmailMultiAlternatives:
    """Return the mail to an address with which nobody signs in."""
    del context
    return _compose("unknown-login", to, {}, now)


def security_notice(to: Recipient, *, change: SecurityChange, ip: str, now: datetime) -> EmailMultiAlternatives:
    """Return the notice that something about the login changed."""
    context = {
        "what": CHANGES[change],
        "is_by_staff": change is SecurityChange.REMOVED_BY_STAFF,
        "at": now,
        "ip": ip,
        "url": settings.BASE_URL + reverse("account_reset_password"),
    }
    return _compose("security-notice", to, context, now)


# allauth's names of its mails.
LINKS: Final[dict[str, Callable[..., EmailMultiAlternatives]]] = {
    "account/email/email_confirmation": address_confirmation,
    "account/email/password_reset_key": password_reset,
    "account/email/unknown_account": unknown_login,
}
NOTICES: Final = {
    "account/email/password_changed": SecurityChange.PASSWORD_CHANGED,
    "account/email/password_set": SecurityChange.PASSWORD_SET,
    "account/email/password_reset": SecurityChange.PASSWORD_RESET,
    "account/email/email_changed": SecurityChange.ADDRESS_CHANGED,
    "account/email/email_deleted": SecurityChange.ADDRESS_REMOVED,
    "account/email/email_confirm": SecurityChange.ADDRESS_CONFIRMED,
    "mfa/email/totp_activated": SecurityChange.APP_ADDED,
    "mfa/email/totp_deactivated": SecurityChange.APP_REMOVED,
    "mfa/email/webauthn_added": SecurityChange.PASSKEY_ADDED,
    "mfa/email/webauthn_removed": SecurityChange.PASSKEY_REMOVED,
    "mfa/email/recovery_codes_generated": SecurityChange.CODES_MADE,
}


def _compose(name: str, to: Recipient, context: Mapping[str, Any], now: datetime) -> EmailMultiAlternatives:
    context = {"email": to.address, **context}
    return compose(Letter(name, to.address, to.language, uuid4(), now, context))
