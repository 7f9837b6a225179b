"""The lists of bank accounts: a company's own, and those of an office's clients with what needs somebody first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.delivery.account_facts import examine_accounts
from apps.delivery.account_lists import NEEDS_SOMEBODY, list_office_accounts, search_accounts
from apps.portal.lists.declaration import (
    ChoiceFilter,
    Column,
    ExportColumn,
    ListDeclaration,
    Nothing,
    Search,
    Sort,
    Tab,
)
from apps.portal.lists.keyset import Order
from apps.portal.templatetags.words import BADGES, Badge
from apps.statements.health.banks import bank_named
from apps.statements.recent import newest_finding

NOTHING_TEXT: Final = gettext_lazy("An account appears here once a mandate is made for it.")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as a list shows it."""

    account: Any
    bank: str
    code: str
    since: datetime | None
    last_on: date | None
    has_finding: bool
    client_code: str = ""

    @property
    def key(self) -> str:
        """Return what names the row in a form."""
        return str(self.account.uuid)

    @property
    def label(self) -> str:
        """Return how a person calls the row."""
        return str(self.account.iban)

    @property
    def badge(self) -> Badge:
        """Return how it is doing."""
        return BADGES["health"][self.code]


def declare_company(company: Any, accounts: Any, *, now: datetime) -> ListDeclaration[Any]:
    """Return the accounts of a company as a list; each is examined as it is shown."""
    del company
    return ListDeclaration(
        name=gettext_lazy("Bank accounts"),
        rows=accounts,
        sorts=(Sort("number", gettext_lazy("By number"), Order("iban", is_descending=False)),),
        columns=(Column(gettext_lazy("Account")), *COLUMNS),
        row_template="portal/parts/account_row.html",
        present=lambda rows: present_examined(rows, now=now),
        nothing=Nothing(gettext_lazy("No bank accounts yet"), NOTHING_TEXT),
    )


def present_examined(accounts: Sequence[Any], *, now: datetime) -> list[AccountRow]:
    """Examine accounts and return them as rows."""
    examined = examine_accounts(accounts, now=now)
    return [_row_of_examined(examined[account.pk]) for account in accounts]


def _row_of_examined(examined: Any) -> AccountRow:
    health = examined.health
    return AccountRow(
        examined.account,
        examined.bank.name,
        health.diagnosis.code,
        health.diagnosis.since,
        health.last.day if health.last else None,
        newest_finding(examined.statements) is not None,
    )


def declare_office(office: Any, *, today: date) -> ListDeclaration[Any]:
    """Return the accounts of an office's clients as a list, as they were when last looked at."""
    return ListDeclaration(
        name=gettext_lazy("Bank accounts"),
        rows=list_office_accounts(office=office, on=today),
        sorts=(
            Sort("urgent", gettext_lazy("What needs somebody first"), Order("urgency", is_descending=False)),
            Sort("newest", gettext_lazy("Newest first"), Order()),
        ),
        columns=(Column(gettext_lazy("Client code")), Column(gettext_lazy("Account")), *COLUMNS),
        row_template="portal/parts/client_account_row.html",
        present=present_kept,
        search=Search(gettext_lazy("Name or account number"), search_accounts),
        filters=FILTERS,
        tabs=TABS,
        exported=EXPORTED,
        nothing=Nothing(gettext_lazy("No bank accounts yet"), NOTHING_TEXT),
    )


def present_kept(rows: Sequence[Any]) -> list[AccountRow]:
    """Return kept findings as rows; what is of days before the office kept the books is left out."""
    return [_row_of_kept(row) for row in rows]


def _row_of_kept(row: Any) -> AccountRow:
    def is_own(when: date | None) -> bool:
        return when is not None and row.client_since is not None and when >= row.client_since

    return AccountRow(
        row.account,
        bank_named(row.bank).name,
        row.code,
        row.since,
        row.last_on if is_own(row.last_on) else None,
        is_own(row.finding_on),
        row.client_code or "",
    )


_MANDATES: Final = ("mandate_missing", "mandate_requested", "mandate_signed", "mandate_refused", "mandate_ended")
CAUSES: Final = {
    "mandate": (gettext_lazy("Mandate"), Q(code__in=_MANDATES)),
    "held": (pgettext_lazy("statement", "held"), Q(code__in=("held", "unrouted"))),
    "fetching": (gettext_lazy("Not fetched"), Q(code="not_fetched")),
    "late": (pgettext_lazy("statement", "late"), Q(code__in=("bank_late", "account_late"))),
    "quiet": (gettext_lazy("No movements"), Q(code__in=("quiet", "never_came"))),
    "gap": (gettext_lazy("Numbers or balances"), Q(finding_on__isnull=False)),
}
FILTERS: Final = (
    ChoiceFilter(
        "need",
        gettext_lazy("Needs somebody"),
        {"yes": gettext_lazy("Yes"), "no": gettext_lazy("No")},
        lambda code: NEEDS_SOMEBODY if code == "yes" else ~NEEDS_SOMEBODY,
    ),
    ChoiceFilter(
        "cause",
        gettext_lazy("Cause"),
        {code: word for code, (word, _condition) in CAUSES.items()},
        lambda code: CAUSES[code][1],
    ),
)
TABS: Final = (
    Tab(gettext_lazy("All")),
    Tab(gettext_lazy("Needs somebody"), {"need": "yes"}),
    Tab(gettext_lazy("Mandate"), {"cause": "mandate"}),
    Tab(gettext_lazy("Late"), {"cause": "late"}),
    Tab(gettext_lazy("Numbers or balances"), {"cause": "gap"}),
)
COLUMNS: Final = (
    Column(gettext_lazy("How it is doing")),
    Column(gettext_lazy("Since")),
    Column(gettext_lazy("Last statement"), "num"),
)
EXPORTED: Final = (
    ExportColumn(gettext_lazy("Client code"), lambda row: row.client_code),
    ExportColumn(gettext_lazy("Company"), lambda row: row.account.company.name),
    ExportColumn(gettext_lazy("Account"), lambda row: row.account.iban),
    ExportColumn(gettext_lazy("Currency"), lambda row: row.account.currency),
    ExportColumn(gettext_lazy("Bank"), lambda row: row.bank),
    ExportColumn(gettext_lazy("How it is doing"), lambda row: str(row.badge.word)),
    ExportColumn(gettext_lazy("Since"), lambda row: row.since),
    ExportColumn(gettext_lazy("Last statement"), lambda row: row.last_on),
)
