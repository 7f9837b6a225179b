"""What staff fill in about companies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.identifiers import InvalidEnterpriseNumber, format_enterprise_number, normalise_enterprise_number


class NumberField(forms.CharField):
    """An enterprise number in any spelling."""

    def clean(self, value: Any) -> str:
        """Return the ten digits."""
        try:
            return normalise_enterprise_number(super().clean(value))
        except InvalidEnterpriseNumber as error:
            raise forms.ValidationError(_("This is not a possible Belgian enterprise number.")) from error


class OtherCompanyForm(forms.Form):
    """Which company goes on."""

    number = NumberField(label=_("Number of the company that goes on"))


class MergeForm(forms.Form):
    """The decision: it cannot be undone, so the number that ends is typed once more."""

    valid_until = forms.DateField(
        label=_("The number that ends is valid on documents dated before"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    leaves_copies = forms.BooleanField(
        label=_("Leave these documents with the company that ends"),
        help_text=_("They stay as they are, with their deliveries; the documents of the company that goes on count."),
        required=False,
    )
    confirmation = NumberField(label=_("To confirm, type the number that ends"))

    def __init__(self, *args: Any, number: str, has_copies: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        self.fields["confirmation"].help_text = format_enterprise_number(number)
        if not has_copies:
            del self.fields["leaves_copies"]

    def clean_confirmation(self) -> str:
        """Want the number of the company that ends."""
        typed = str(self.cleaned_data["confirmation"])
        if typed != self.number:
            raise forms.ValidationError(_("This is not the number of the company that ends."))
        return typed
