"""What is filled in to import an office's clients: the file in the back-office and the portal, and its columns."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounting_offices.client_files import FileUnreadable, Row, read_head
from apps.accounting_offices.client_rows import HEADERS, NEEDED, Column, ColumnMissing, Mapping, find_columns
from apps.accounting_offices.imports import failure_of
from apps.accounting_offices.problems import FIELD_NAMES, describe_problem

COLUMN_LABELS: Final = {
    "number": gettext_lazy("Column with the enterprise number"),
    "name": gettext_lazy("Column with the name"),
    "email": gettext_lazy("Column with the e-mail address"),
    "language": gettext_lazy("Column with the language"),
    "client_code": gettext_lazy("Column with the client code"),
    "starts_on": gettext_lazy("Column with the first day"),
}
# More columns than this no list of clients has; the page stays readable.
COLUMNS_SHOWN: Final = 60


class ClientFileForm(forms.Form):
    """A list of clients, of which the first rows are read at once: a file that is none is told here."""

    file = forms.FileField(
        label=gettext_lazy("List of clients (CSV or XLSX)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("There is nothing in the file."),
        },
    )
    content: bytes
    head: list[Row]

    def clean(self) -> dict[str, Any]:
        """Read the first rows."""
        fields = super().clean() or {}
        upload = fields.get("file")
        if upload is None:
            return fields
        if upload.size > settings.MAX_LIST_BYTES:
            raise forms.ValidationError({"file": describe_problem("file_too_large", {})})
        self.content = upload.read()
        self._tell_of_failure(lambda: setattr(self, "head", read_head(self.content)))
        return fields

    def _tell_of_failure(self, read: Callable[[], object]) -> None:
        try:
            read()
        except (FileUnreadable, ColumnMissing) as error:
            failure = failure_of(error)
            raise forms.ValidationError({"file": describe_problem(failure["code"], failure)}) from error


class NamedColumnsForm(ClientFileForm):
    """A list whose columns are found by their headers; naming one is only for other headers."""

    is_dry_run = forms.BooleanField(
        label=gettext_lazy("Rehearse first: report every line, write nothing"), required=False, initial=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in HEADERS:
            self.fields[f"column_{name}"] = forms.CharField(label=COLUMN_LABELS[name], required=False, max_length=100)

    def mapping(self) -> dict[str, str]:
        """Return the columns that were named, by field."""
        named = {name: self.cleaned_data.get(f"column_{name}", "").strip() for name in HEADERS}
        return {name: column for name, column in named.items() if column}

    def clean(self) -> dict[str, Any]:
        """Find the columns, so that a wrong file is told here and not by a failed job."""
        fields = super().clean()
        if hasattr(self, "head"):
            self._tell_of_failure(lambda: find_columns(self.head[0][1], self.mapping()))
        return fields


class ColumnsForm(forms.Form):
    """What each column of a list holds: chosen beside its header and an example, as it was guessed unless changed."""

    def __init__(self, data: Any = None, *, columns: Sequence[Column], chosen: Mapping) -> None:
        super().__init__(data)
        self.columns = columns[:COLUMNS_SHOWN]
        by_place = {place: name for name, place in chosen.items()}
        for column in self.columns:
            self.fields[_key(column)] = forms.ChoiceField(
                label=column.header or _("Column without a name"),
                choices=[("", _("do not import")), *FIELD_NAMES.items()],
                required=False,
                initial=by_place.get(column.index, "") if chosen else column.guess,
            )

    @property
    def rows(self) -> list[tuple[Column, forms.BoundField]]:
        """Return each column with its field."""
        return [(column, self[_key(column)]) for column in self.columns]

    @property
    def is_recognised(self) -> bool:
        """Tell whether what is needed was found by itself."""
        return {column.guess for column in self.columns} >= NEEDED

    def clean(self) -> dict[str, Any]:
        """Refuse a list without number or name, and two columns for one field."""
        fields = super().clean() or {}
        taken: dict[str, Column] = {}
        for column in self.columns:
            name = fields.get(_key(column), "")
            if name in taken:
                text = _("“%(first)s” is the column for this already. Choose it once.")
                self.add_error(_key(column), text % {"first": taken[name].header})
            elif name:
                taken[name] = column
        for name in sorted(NEEDED - taken.keys(), reverse=True):
            self.add_error(None, _("Choose the column for: %(field)s.") % {"field": FIELD_NAMES[name]})
        return fields

    def mapping(self) -> dict[str, int | None]:
        """Return the place of each field's column; nothing for a field that is left out."""
        places = {self.cleaned_data[_key(column)]: column.index for column in self.columns}
        return {name: places.get(name) for name in HEADERS}


def _key(column: Column) -> str:
    return f"column_{column.index}"
