"""What each problem of a list of clients says to a person, with the way out; one source for admin, portal, command."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    "column_missing": _("There is no column for %(column)s. The file has: %(found)s."),
    "file_unreadable": _("The file is neither CSV nor XLSX. Save the list as one of these and send it again."),
    "file_empty": _("There is nothing in the file."),
    "file_too_large": _("The file is too large. Split the list."),
    "file_too_many_rows": _("The list has more than %(detail)s lines. Split it."),
}


def describe_problem(code: str, params: Mapping[str, Any]) -> str:
    """Return the sentence of a problem, in the active language."""
    return str(PROBLEMS[code]) % params
