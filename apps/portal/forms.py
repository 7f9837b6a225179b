"""What people fill in."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.companies.forms import NumberField as BareNumberField
from apps.core.languages import reader_language
from apps.invoices.rules import LONGEST_REMARK
from apps.portal.templatetags.words import WORDS

ADDRESS_ERRORS = {
    "required": _("Fill in an e-mail address."),
    "invalid": _("This is not an e-mail address. Write it as name@example.be."),
}
NO_DAY = {"required": _("Choose a day."), "invalid": _("Choose a day.")}
LANGUAGES = [("nl", "Nederlands"), ("fr", "Français"), ("en", "English"), ("de", "Deutsch")]


class NumberField(BareNumberField):
    """An enterprise number in any spelling, with a hint; its value is the ten digits."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Enterprise number"),
            max_length=40,
            help_text=_("In any spelling, for example 0123.456.749 or BE0123456749."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class AccountPeriodForm(forms.Form):
    """A period of a bank account, and the kind of file it shall come as."""

    first = DayField(_("From"))
    last = DayField(_("Up to and including"))
    kind = forms.ChoiceField(
        label=_("File"),
        choices=(
            ("csv", _("CSV, for a spreadsheet")),
            ("xlsx", _("XLSX, for Excel")),
            ("camt", _("CAMT.053.001.08, for bank and bookkeeping programs")),
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The period ends before it begins."))
        return cleaned


class EnquiryForm(forms.Form):
    """Can my company connect?"""

    number = NumberField()
    software = forms.ChoiceField(label=_("Invoicing software"), required=False)

    def __init__(self, data: Any = None, *, software: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["software"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 # for the type checker
        field.choices = [("", _("Not chosen")), *software]


class OfficeApplicationForm(forms.Form):
    """An accounting office applies."""

    number = NumberField()
    name = forms.CharField(
        label=_("Name of the accounting office"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Fill in the name of the office.")},
    )
    email = forms.EmailField(
        label=_("E-mail address of the office"),
        help_text=_("Our answer goes there, and the link by which the first colleague gets access."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages=ADDRESS_ERRORS,
    )
    applicant = forms.CharField(
        label=_("Your name and role"),
        help_text=_("For example: An Peeters, partner."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Fill in your name and role.")},
    )
    language = forms.ChoiceField(label=_("Language of our e-mails"), choices=LANGUAGES)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"language": reader_language()})


class SettlementForm(forms.Form):
    """How, when and why an invoice was settled without the bank."""

    way = forms.ChoiceField(label=_("How was it settled?"), choices=list(WORDS["settlement"].items()))
    settled_on = DayField(_("On which day?"), error_messages=NO_DAY)
    reason = forms.CharField(
        label=_("Why, for whoever reads this later?"),
        help_text=_("For example: paid at the counter, receipt 118."),
        max_length=300,
        error_messages={"required": _("Write why it is settled.")},
    )


class ClosingForm(forms.Form):
    """Up to which day the books are closed; the last day of the quarter or the year, mostly."""

    until = DayField(_("Closed up to and including"), error_messages=NO_DAY)


class AddressForm(forms.Form):
    """An e-mail address."""

    address = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages=ADDRESS_ERRORS,
    )


class ClientAddressForm(AddressForm):
    """The e-mail address of a client, filled in by its office."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["address"]
        field.label = _("E-mail address of the client")
        field.help_text = _("Of the company itself, not of your office: its codes go there.")
        # The browser would offer the accountant's own address.
        field.widget.attrs["autocomplete"] = "off"


class ClaimForm(forms.Form):
    """An office says that it keeps a company's books."""

    enterprise_number = NumberField()
    client_code = forms.CharField(label=_("Your client code"), max_length=40, required=False)
    starts_on = DayField(_("From"))


class ConfirmTransferForm(forms.Form):
    """The day from which the other office keeps the books."""

    starts_on = DayField(_("From"))


class ObjectionForm(forms.Form):
    """Why a claim is not right."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class RemarkForm(forms.Form):
    """What an office asks about an invoice or refuses it for, or what its company answers."""

    text = forms.CharField(
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write what it is about.")},
    )

    def __init__(self, data: Any = None, *, label: Any) -> None:
        super().__init__(data)
        self.fields["text"].label = label


class PairForm(forms.Form):
    """A pair of API credentials gets a name."""

    name = forms.CharField(
        label=_("For which program?"),
        help_text=_("The name under which you know it again, such as that of your accounting software."),
        max_length=60,
        error_messages={"required": _("Fill in a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
