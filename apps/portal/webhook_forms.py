"""What people of a maker of software fill in about where it is told what happens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.portal.forms import NO_DAY, DayField
from apps.webhooks.rules import LONGEST_URL, Topic


class EndpointForm(forms.Form):
    """An address, and what it is told."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_(
            "For example https://hooks.example.com/codabox. It must answer within ten seconds, from 200 to 299."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    topics = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(topic.value, topic.value) for topic in Topic],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one of the events.")},
    )


class NewEndpointForm(EndpointForm):
    """The same, with the software that it is for."""

    software = forms.ChoiceField(label=_("Which software?"))
    field_order = ("software", "url", "topics")

    def __init__(self, data: Any, *, softwares: Any) -> None:
        super().__init__(data, initial={"topics": [topic.value for topic in Topic]})
        self.fields["software"] = forms.ChoiceField(
            label=_("Which software?"), choices=[(str(row.uuid), row.name) for row in softwares]
        )
        self.order_fields(self.field_order)


class ReplayForm(forms.Form):
    """The period of which messages are sent again, and which of them."""

    first = DayField(_("From"), error_messages=NO_DAY)
    last = DayField(_("Up to and including"), error_messages=NO_DAY)
    which = forms.ChoiceField(
        label=_("Which messages?"),
        choices=(("failed", _("Those that were given up")), ("all", _("All, those that arrived too"))),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The period ends before it begins."))
        return cleaned
