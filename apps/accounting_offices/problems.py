"""What each problem of a list of clients says to a person, with the way out; one source for admin, portal, command."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

PROBLEMS: Final[dict[str, Promise]] = {
    "number_missing": _("The enterprise number is missing. Fill it in."),
    "vat_invalid": _("%(value)s is not a possible Belgian enterprise number. Check the digits."),
    "name_missing": _("The name is missing. Fill it in."),
    "name_too_long": _("The name is longer than %(longest)s characters: %(value)s… Shorten it."),
    "client_code_too_long": _("The client code is longer than %(longest)s characters: %(value)s… Shorten it."),
    "email_invalid": _("%(value)s is not an e-mail address. Correct it, or leave the cell empty."),
    "language_unknown": _("The language %(value)s is not known. Use NL, FR, EN or DE, or leave the cell empty."),
    "date_invalid": _("%(value)s is not a date. Write it as 31/12/2026, or leave the cell empty."),
    "duplicate_in_file": _("The number %(number)s stands on line %(first_line)s already. Remove one of the two lines."),
    "number_former": _("The number %(number)s is a former number of a company. Use its present number."),
    "claimed": _(
        "The company %(number)s has another accounting office at this moment. Your claim waits until that office or "
        "we confirm the transfer."
    ),
    "client_links_overlap": _(
        "The company had an accounting office until %(free_from)s. Let your work start on that day or later."
    ),
    "email_differs": _(
        "Another e-mail address is on file than %(value)s, and it stays. The company can change it itself."
    ),
    "email_missing": _("There is no e-mail address. The client cannot connect until there is one. Fill it in."),
    "column_missing": _("There is no column for “%(column)s”. The file has: %(found)s."),
    "file_unreadable": _("The file is neither CSV nor XLSX. Save the list as one of these and send it again."),
    "workbook_old": _(
        "This is an old Excel file, or one with a password. Save the list as XLSX without a password and send it again."
    ),
    "workbook_broken": _("The workbook is damaged. Open it, save it again as XLSX and send that one."),
    "encoding_unknown": _(
        "The letters of this file cannot be read. Save the list as XLSX or as “CSV UTF-8” and send it again."
    ),
    "file_empty": _("There is nothing in the file."),
    "file_too_large": _("The file is too large. Split the list."),
    "file_too_many_rows": _("The list has more than %(detail)s lines. Split it."),
}

# What a column of the list holds.
FIELD_NAMES: Final = {
    "number": _("Enterprise number"),
    "name": _("Name"),
    "email": _("E-mail address"),
    "language": _("Language"),
    "client_code": _("Client code"),
    "starts_on": _("First day as your client"),
}

# What a group of lines with one problem is called.
GROUPS: Final[dict[str, Any]] = {
    "number_missing": ngettext_lazy("%d line without an enterprise number", "%d lines without an enterprise number"),
    "vat_invalid": ngettext_lazy("%d line with an impossible number", "%d lines with an impossible number"),
    "name_missing": ngettext_lazy("%d line without a name", "%d lines without a name"),
    "name_too_long": ngettext_lazy("%d line with a name that is too long", "%d lines with a name that is too long"),
    "client_code_too_long": ngettext_lazy(
        "%d line with a client code that is too long", "%d lines with a client code that is too long"
    ),
    "email_invalid": ngettext_lazy(
        "%d line with an e-mail address that is none", "%d lines with an e-mail address that is none"
    ),
    "language_unknown": ngettext_lazy("%d line with an unknown language", "%d lines with an unknown language"),
    "date_invalid": ngettext_lazy("%d line with a day that is none", "%d lines with a day that is none"),
    "duplicate_in_file": ngettext_lazy(
        "%d line with a number that was there already", "%d lines with a number that was there already"
    ),
    "number_former": ngettext_lazy("%d line with a former number", "%d lines with a former number"),
    "claimed": ngettext_lazy("%d client has another office now", "%d clients have another office now"),
    "client_links_overlap": ngettext_lazy(
        "%d client had another office on that day", "%d clients had another office on that day"
    ),
    "email_differs": ngettext_lazy(
        "%d client keeps the e-mail address on file", "%d clients keep the e-mail address on file"
    ),
    "email_missing": ngettext_lazy("%d line without an e-mail address", "%d lines without an e-mail address"),
}
# Lines with these are imported all the same.
NOTES: Final = frozenset({"claimed", "email_differs", "email_missing"})


def describe_group(code: str, count: int) -> str:
    """Return what so many lines with one problem are called, in the active language."""
    return str(GROUPS[code] % count)


def describe_problem(code: str, params: Mapping[str, Any]) -> str:
    """Return the sentence of a problem, in the active language; a column we name is told by its name."""
    column = params.get("column")
    return str(PROBLEMS[code]) % {**params, "column": FIELD_NAMES.get(str(column), column)}
