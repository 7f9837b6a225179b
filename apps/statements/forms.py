"""What staff fill in: the decision about a held statement, and the banks' files to upload."""

from collections.abc import Sequence
from typing import Any

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


class ManyFilesInput(forms.FileInput):
    """Lets several files be chosen at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One file or several; cleaned to a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Check each file as a field of one file does."""
        return [super(ManyFilesField, self).clean(file, initial) for file in data or [None]]


class UploadForm(forms.Form):
    """Banks' files, or archives of them. An empty one is taken too: its result says so, and the others import."""

    bank_files = ManyFilesField(
        label=_("Files"), allow_empty_file=True, error_messages={"required": _("Choose a file.")}
    )
