"""The checks of a company or request as a list for people, the failing one explained.

One source for the mail that answers "Can my company connect?", the company's page and the back-office.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.identifiers import format_enterprise_number
from apps.tokens.models import ConnectionRequest
from apps.tokens.refusals import refusal_body
from apps.tokens.rules import Check, CheckStanding

FIRST_POSITION: Final = 5

_TITLES: Final[Mapping[Check, Promise]] = {
    Check.COMPANY_KNOWN: _("The company is known here"),
    Check.COMPANY_ACTIVE: _("The company is active"),
    Check.OFFICE_LINKED: _("An accounting office is linked"),
    Check.OFFICE_IS_CLIENT: _("The accounting office uses this service"),
    Check.EMAIL_KNOWN: _("An e-mail address is on file"),
    Check.EMAIL_DELIVERABLE: _("The e-mail address works"),
    Check.MAIL_AVAILABLE: _("E-mail can be sent"),
}
_FOUND: Final[Mapping[Check, Promise]] = {
    Check.COMPANY_KNOWN: _("The enterprise number was found."),
    Check.COMPANY_ACTIVE: _("The company is neither ceased nor blocked."),
    Check.OFFICE_LINKED: _("An accounting office keeps its books today."),
    Check.OFFICE_IS_CLIENT: _("The office receives invoices through this service."),
    Check.EMAIL_KNOWN: _("There is an address to send the code to."),
    Check.EMAIL_DELIVERABLE: _("Nothing has come back from it."),
    Check.MAIL_AVAILABLE: _("Our mail service works."),
}
_NOT_REACHED: Final = _("It follows when the checks before it pass.")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: what it is, how it stands, what was found; for the failing one also who acts, and how."""

    position: int
    code: str
    standing: CheckStanding
    title: str
    found: str
    refusal: Mapping[str, Any] | None

    @property
    def is_failed(self) -> bool:
        """Tell whether this is the failing one."""
        return self.standing is CheckStanding.FAILED

    @property
    def is_passed(self) -> bool:
        """Tell whether it passed."""
        return self.standing is CheckStanding.PASSED


def list_checks(outcomes: Iterable[tuple[Check, bool]], *, number: str) -> list[CheckLine]:
    """Return all seven checks in their order, in the active language, from the outcomes of those that were made.

    `number` is ten digits. The failing check's `refusal` is the body of its code: cause, remedy, actor, contact and
    the message to send.
    """
    made = dict(outcomes)
    return [
        _line(position, check, made.get(check), format_enterprise_number(number))
        for position, check in enumerate(Check, start=FIRST_POSITION)
    ]


def checks_of_request(request: ConnectionRequest) -> list[CheckLine]:
    """Return the checks of a request as they were made last; its `check_results` may be prefetched."""
    made = [(Check(row.code), row.passed) for row in request.check_results.all()]
    return list_checks(made, number=request.enterprise_number)


def _line(position: int, check: Check, passed: bool | None, number: str) -> CheckLine:  # noqa: FBT001
    if passed is None:
        return CheckLine(position, check, CheckStanding.NOT_REACHED, str(_TITLES[check]), str(_NOT_REACHED), None)
    if passed:
        return CheckLine(position, check, CheckStanding.PASSED, str(_TITLES[check]), str(_FOUND[check]), None)
    refusal = refusal_body(check, number=number)
    return CheckLine(position, check, CheckStanding.FAILED, str(_TITLES[check]), refusal["cause"], refusal)
