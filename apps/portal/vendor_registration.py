"""A maker registers its software: in the sandbox it goes on to its key at once, in the service it waits for staff."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.languages import reader_language
from apps.core.visitors import TooManyFromHere
from apps.portal.forms import ADDRESS_ERRORS, LANGUAGES
from apps.portal.private import answer_too_many, count_sending, when_again
from apps.tokens.packages import SECTORS
from apps.tokens.services.applications import apply_as_vendor
from apps.tokens.services.registration import (
    Registration,
    SoftwareKnown,
    TooManyRegistrations,
    VendorKnown,
    register_in_sandbox,
)
from apps.users.selectors import sign_link

TEMPLATE: Final = "portal/vendor_register.html"
# What may come along in the address, from the page of a maker in the sandbox; never who is written to.
PREFILLED: Final = ("vendor_name", "website", "software_name", "sector", "description")


class OneLineField(forms.CharField):
    """A text whose line ends and repeated blanks are single blanks."""

    def to_python(self, value: Any) -> str:
        """Return the text on one line."""
        return " ".join(str(super().to_python(value)).split())


class RegistrationForm(forms.Form):
    """A maker and its software."""

    software_name = OneLineField(
        label=_("Name of the software"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Fill in the name of the software.")},
    )
    description = OneLineField(
        label=_("What it does, in a few sentences"),
        help_text=_("For whom it is, what it sends and what it reads back. Companies read this."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what it does.")},
    )
    sector = forms.ChoiceField(label=_("Made for"), required=False)
    vendor_name = OneLineField(
        label=_("Your company"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Fill in the name of your company.")},
    )
    website = forms.URLField(
        label=_("Website"),
        max_length=200,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "url", "placeholder": "https://"}),
        error_messages={
            "required": _("Fill in the address of the website."),
            "invalid": _("This is no address of a website. Write it as https://www.example.be."),
        },
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages=ADDRESS_ERRORS,
    )
    language = forms.ChoiceField(label=_("Language of our e-mails"), choices=LANGUAGES)

    def __init__(self, data: Any = None, *, initial: Mapping[str, str] | None = None) -> None:
        super().__init__(data, initial={"language": reader_language(), **(initial or {})})
        sector, email = self.fields["sector"], self.fields["email"]
        assert isinstance(sector, forms.ChoiceField)  # noqa: S101 # for the type checker
        sector.choices = [("", _("None of these")), *((code.value, word) for code, word in SECTORS.items())]
        email.help_text = (
            _("You sign in with it. No e-mail leaves the sandbox.")
            if settings.SANDBOX
            else _("Our answer goes there, and the link by which you get access.")
        )


def register(request: HttpRequest) -> HttpResponse:
    """Take a registration."""
    brought = {name: request.GET[name] for name in PREFILLED if name in request.GET}
    form = RegistrationForm(request.POST if request.method == "POST" else None, initial=brought)
    now = clock.now()
    if form.is_valid():
        try:
            count_sending(request, form="vendor-registration", now=now)
            registration = Registration(**form.cleaned_data)
            if settings.SANDBOX:
                link = register_in_sandbox(registration=registration, actor="visitor", now=now)
                return redirect("portal:join", sign_link(link))
            apply_as_vendor(registration=registration, now=now)
            return redirect("portal:vendor-registered")
        except TooManyFromHere as error:
            return answer_too_many(request, TEMPLATE, form, error)
        except TooManyRegistrations as error:
            form.add_error(None, when_again(error, now))
        except VendorKnown as error:
            form.add_error("vendor_name", str(error))
        except SoftwareKnown as error:
            form.add_error("software_name", str(error))
        except DomainError as error:
            form.add_error(None, str(error))
    return render(request, TEMPLATE, {"form": form})


def registered(request: HttpRequest) -> HttpResponse:
    """Say the same to everybody who applied."""
    return render(request, "portal/vendor_registered.html")
