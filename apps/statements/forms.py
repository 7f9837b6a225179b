"""What staff fill in about a held statement."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _


class DecisionForm(forms.Form):
    """The decision and its reason."""

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("In a few words, for whoever looks at this statement later."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    def __init__(self, data: object = None, *, choices: Sequence[tuple[str, object]]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]
