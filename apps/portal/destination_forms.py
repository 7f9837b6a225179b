"""What people fill in about where documents are taken."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices import selectors as offices
from apps.delivery.rules import Channel
from apps.portal.forms import ADDRESS_ERRORS, DayField

MAIL_CHANNELS = [
    (Channel.EMAIL.value, _("Each invoice in a message of its own, at once")),
    (Channel.EMAIL_DAILY.value, _("One message a day with a ZIP of everything")),
]


class ClientField(forms.CharField):
    """A client of an office by its code or number; its value is the company, or None for all clients."""

    def __init__(self, *, required: bool) -> None:
        super().__init__(
            label=_("Client"),
            required=required,
            max_length=40,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            error_messages={"required": _("Fill in a client code or an enterprise number.")},
        )


class ClientFormMixin(forms.Form):
    """Finds the client that a person named among those of one office."""

    def __init__(self, data: Any, *, office: Any, on: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.office, self.on = office, on

    def clean_client(self) -> Any:
        """Return the company, or None when none is named."""
        text = self.cleaned_data["client"].strip()
        if not text:
            return None
        links = offices.find_clients(office=self.office, text=text)
        companies = {link.company_id: link.company for link in links if link.ends_on is None or link.ends_on > self.on}
        if not companies:
            raise forms.ValidationError(
                _("None of your clients has the code or number “%(text)s”."), params={"text": text}
            )
        if len(companies) > 1:
            raise forms.ValidationError(_("Several clients have this code. Fill in the enterprise number."))
        return next(iter(companies.values()))


class MailDestinationForm(ClientFormMixin):
    """An address, how invoices come to it, and whose."""

    channel = forms.ChoiceField(label=_("How"), choices=MAIL_CHANNELS, widget=forms.RadioSelect)
    address = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("We send it a link. Nothing else goes there until somebody follows it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages=ADDRESS_ERRORS,
    )
    client = ClientField(required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, initial={"channel": Channel.EMAIL.value}, **kwargs)
        self.fields["client"].label = _("Only for this client")
        self.fields["client"].help_text = _(
            "Its code or enterprise number. Its invoices then go here instead of to your own destinations of this kind."
        )


class PreviewForm(ClientFormMixin):
    """Whose document, of which day, is looked for."""

    client = ClientField(required=True)
    day = DayField(_("Date of the document"))

    def __init__(self, data: Any, *, on: date, **kwargs: Any) -> None:
        super().__init__(data, on=on, initial={"day": on}, **kwargs)
        self.fields["client"].help_text = _("Client code or enterprise number.")


class ServerAccountForm(forms.Form):
    """As whom we log in on a server, and where our folders begin."""

    username = forms.CharField(
        label=_("User name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        help_text=_("Leave it empty to have us log in with a key: we show you its public half for the server."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    folder = forms.CharField(
        label=_("Folder"),
        required=False,
        max_length=200,
        help_text=_("In it we make CLIENTCODE/YEAR/Invoices-OUT-01. Empty: where the user comes in."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_folder(self) -> str:
        """Return the folder without a slash at its end; one that climbs is refused."""
        folder = str(self.cleaned_data["folder"]).strip()
        if ".." in folder.split("/") or not folder.isprintable():
            raise forms.ValidationError(_("Write the folder without “..”."))
        return folder.rstrip("/")


class ServerForm(ClientFormMixin, ServerAccountForm):
    """A server that takes files, and whose documents it gets."""

    host = forms.RegexField(
        regex=r"^[A-Za-z0-9.:_-]+$",
        label=_("Server"),
        max_length=253,
        help_text=_("Its name, for example sftp.example.be."),
        error_messages={"invalid": _("Write the name of the server only, without sftp:// and without a folder.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=22)
    client = ClientField(required=False)
    field_order = ("host", "port", "username", "password", "folder", "client")

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["client"].label = _("Only for this client")
        self.fields["client"].help_text = _(
            "Its code or enterprise number. Its invoices then go here instead of to your own destinations of this kind."
        )


class ServerChangeForm(ServerAccountForm):
    """Another account or folder on the same server; what logs in can stay as it is."""

    keeps = forms.BooleanField(label=_("Keep the present password or key"), required=False, initial=True)
    field_order = ("username", "keeps", "password", "folder")


class BackfillForm(ClientFormMixin):
    """The period that shall be delivered, and whose."""

    first = DayField(_("From"))
    last = DayField(_("Up to and including"))
    client = ClientField(required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["client"].label = _("Only of this client")
        self.fields["client"].help_text = _("Client code or enterprise number.")
