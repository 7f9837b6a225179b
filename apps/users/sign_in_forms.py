"""allauth's forms in our words: its own ones are not in all four languages, and lean on placeholders as labels."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from allauth.account import forms as account_forms
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter as get_second_factor_adapter
from allauth.mfa.base import forms as code_forms
from allauth.mfa.totp import forms as app_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

# Blanks and hyphens in a code do not count.
NO_DIGIT: Final = re.compile(r"[^0-9]")
MALFORMED: Final = (AttributeError, LookupError, TypeError, ValueError)
PASSWORD: Final = _("Password")
NEW_PASSWORD: Final = _("New password")
PASSWORD_HINT: Final = _("At least ten characters. No common word, and not like your e-mail address.")
NEW_PASSWORD_AGAIN: Final = _("The new password again")


@contextmanager
def _wrong_when_malformed() -> Iterator[None]:
    try:
        yield
    except MALFORMED as error:
        raise get_second_factor_adapter().validation_error("incorrect_code") from error


class InOurWords(forms.Form):
    """Labels and hints of our own, and no placeholder, which is gone once somebody types."""

    words: ClassVar[dict[str, Any]] = {}
    hints: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.words.items():
            field = self.fields[name]
            field.label = label
            field.help_text = self.hints.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "input"


class TwicePassword(InOurWords):
    """A new password, typed twice."""

    hints: ClassVar[dict[str, Any]] = {"password1": PASSWORD_HINT}

    def clean(self) -> dict[str, Any] | None:
        """Say in our words that the two differ."""
        filled_in = super().clean()
        if "password2" in self.errors and self.data.get("password1") != self.data.get("password2"):
            self.errors["password2"] = self.error_class([str(_("The two passwords differ."))])
        return filled_in


class TakenOnce(InOurWords):
    """A code of an app that is taken only once, for as long as the app's clock and ours may differ."""

    def clean_code(self) -> str:
        """Refuse a code that was taken before."""
        code: str = super().clean_code()  # type: ignore[misc] # of the form that this is mixed into
        seconds = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
        user: Any = self.user  # type: ignore[attr-defined] # of the form that this is mixed into
        if not cache.add(f"second-factor:{user.pk}:{NO_DIGIT.sub('', code)}", 1, timeout=seconds):
            raise get_second_factor_adapter().validation_error("incorrect_code")
        return code


class NewPasskey(forms.Form):
    """A passkey's answer: what is none is refused as a wrong one, since the library that reads it breaks on it."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse what allauth cannot read when it reads it here: a new passkey."""
        with _wrong_when_malformed():
            return super().clean()


class UsedPasskey(forms.Form):
    """The same, where allauth reads it in its field: a passkey that is used."""

    def clean_credential(self) -> Any:
        """Refuse what allauth cannot read."""
        with _wrong_when_malformed():
            return super().clean_credential()  # type: ignore[misc] # of the form that this is mixed into


class SignInForm(InOurWords, account_forms.LoginForm):  # type: ignore[misc] # allauth ships no types
    """E-mail address and password."""

    words: ClassVar[dict[str, Any]] = {
        "login": _("E-mail address"),
        "password": PASSWORD,
        "remember": _("Stay signed in on this device"),
    }
    hints: ClassVar[dict[str, Any]] = {"password": ""}


class PasswordAgainForm(InOurWords, account_forms.ReauthenticateForm):  # type: ignore[misc] # allauth ships no types
    """The password, before something that matters."""

    words: ClassVar[dict[str, Any]] = {"password": PASSWORD}
    hints: ClassVar[dict[str, Any]] = {"password": ""}


class AddAddressForm(InOurWords, account_forms.AddEmailForm):  # type: ignore[misc] # allauth ships no types
    """Another address to sign in with."""

    words: ClassVar[dict[str, Any]] = {"email": _("E-mail address")}


class ChangePasswordForm(TwicePassword, account_forms.ChangePasswordForm):  # type: ignore[misc] # allauth ships no types
    """A new password, from who knows the present one."""

    words: ClassVar[dict[str, Any]] = {
        "oldpassword": _("Present password"),
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD_AGAIN,
    }
    hints: ClassVar[dict[str, Any]] = {"oldpassword": "", "password1": PASSWORD_HINT}


class SetPasswordForm(TwicePassword, account_forms.SetPasswordForm):  # type: ignore[misc] # allauth ships no types
    """The first password of somebody who signs in without one."""

    words: ClassVar[dict[str, Any]] = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD_AGAIN}


class AskNewPasswordForm(InOurWords, account_forms.ResetPasswordForm):  # type: ignore[misc] # allauth ships no types
    """Where the link to a new password goes."""

    words: ClassVar[dict[str, Any]] = {"email": _("E-mail address")}


class NewPasswordForm(TwicePassword, account_forms.ResetPasswordKeyForm):  # type: ignore[misc] # allauth ships no types
    """A new password, from who followed the link."""

    words: ClassVar[dict[str, Any]] = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD_AGAIN}


class CodeForm(TakenOnce, code_forms.AuthenticateForm):  # type: ignore[misc] # allauth ships no types
    """The code of an app, or a recovery code, at sign-in."""

    words: ClassVar[dict[str, Any]] = {"code": _("Code")}
    hints: ClassVar[dict[str, Any]] = {"code": _("Six digits from your app, or one of your recovery codes.")}


class CodeAgainForm(TakenOnce, code_forms.ReauthenticateForm):  # type: ignore[misc] # allauth ships no types
    """The same, before something that matters."""

    words: ClassVar[dict[str, Any]] = CodeForm.words
    hints: ClassVar[dict[str, Any]] = CodeForm.hints


class FirstCodeForm(TakenOnce, app_forms.ActivateTOTPForm):  # type: ignore[misc] # allauth ships no types
    """The code that proves that the app has our secret."""

    words: ClassVar[dict[str, Any]] = {"code": _("Code that the app shows")}
    hints: ClassVar[dict[str, Any]] = {"code": _("Six digits. They change every half minute.")}

    @property
    def secret_in_groups(self) -> str:
        """Return the secret as it is typed over most easily."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


class AddPasskeyForm(NewPasskey, InOurWords, passkey_forms.AddWebAuthnForm):  # type: ignore[misc] # allauth ships no types
    """A passkey that this browser is about to make."""

    words: ClassVar[dict[str, Any]] = {
        "name": _("Name of the passkey"),
        "passwordless": _("Sign in with it alone, without a password"),
    }
    hints: ClassVar[dict[str, Any]] = {
        "name": _("So that you recognise it later, for example: telephone."),
        "passwordless": _("It then also asks for your fingerprint, your face or a PIN."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class UsePasskeyForm(UsedPasskey, passkey_forms.AuthenticateWebAuthnForm):  # type: ignore[misc] # allauth ships no types
    """A passkey as the second step of sign-in."""


class SignInByPasskeyForm(UsedPasskey, passkey_forms.LoginWebAuthnForm):  # type: ignore[misc] # allauth ships no types
    """A passkey alone."""


class PasskeyAgainForm(UsedPasskey, passkey_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc] # allauth ships no types
    """A passkey, before something that matters."""


class RenamePasskeyForm(InOurWords, passkey_forms.EditWebAuthnForm):  # type: ignore[misc] # allauth ships no types
    """Another name for a passkey."""

    words: ClassVar[dict[str, Any]] = {"name": AddPasskeyForm.words["name"]}
    hints: ClassVar[dict[str, Any]] = {"name": AddPasskeyForm.hints["name"]}
