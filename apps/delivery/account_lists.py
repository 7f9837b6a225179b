"""How the accounts of a company or of an office's clients are doing, and what of them an office may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from apps.accounting_offices.models import AccountingOffice, ClientLink, Mandate
from apps.accounting_offices.rules import LinkState, Period, is_in_force
from apps.companies.models import BankAccount, Company
from apps.core.errors import NotFound
from apps.delivery.models import AccountHealth
from apps.statements.health.diagnosis import Urgency
from apps.statements.models import Statement
from apps.statements.rules import StatementState
from apps.users.models import User

NEEDS_SOMEBODY = Q(urgency__in=[Urgency.ACT, Urgency.LATE])
SHOWN_STATES: Final = (StatementState.IMPORTED, StatementState.HELD)


def list_office_accounts(*, office: AccountingOffice, on: date) -> QuerySet[AccountHealth]:
    """Return the accounts of an office's clients of a day, with since when each is a client; in no order."""
    links = ClientLink.objects.holding(on).filter(office=office)
    own = links.filter(company=OuterRef("account__company"))
    return (
        AccountHealth.objects.filter(account__company__in=links.values("company"))
        .select_related("account__company")
        .annotate(
            client_since=Subquery(own.values("starts_on")[:1]), client_code=Subquery(own.values("client_code")[:1])
        )
    )


def search_accounts(rows: QuerySet[AccountHealth], text: str) -> QuerySet[AccountHealth]:
    """Keep the accounts whose number begins with this text, or whose company's name has it."""
    number = "".join(text.split()).upper()
    return rows.filter(Q(account__iban__startswith=number) | Q(account__company__name__icontains=text))


def accounts_in_need(*, company: Company) -> list[AccountHealth]:
    """Return the accounts of a company that need somebody or are late, the most urgent first."""
    rows = AccountHealth.objects.filter(NEEDS_SOMEBODY, account__company=company)
    return list(rows.select_related("account").order_by("urgency", "pk")[:20])


def count_accounts_in_need(*, office: AccountingOffice, on: date, at_most: int) -> int:
    """Count the accounts of an office's clients that need somebody or are late, up to a number."""
    clients = ClientLink.objects.holding(on).filter(office=office).values("company")
    return AccountHealth.objects.filter(NEEDS_SOMEBODY, account__company__in=clients)[:at_most].count()


@dataclass(frozen=True, slots=True)
class ClientAccount:
    """An account of an office's client, its company joined, and the days on which the office keeps its books."""

    office: AccountingOffice
    account: BankAccount
    kept: Sequence[Period]

    def days(self, mandates: Iterable[Mandate]) -> list[Period]:
        """Return the days whose statements are the office's: it keeps the books, and a mandate is in force."""
        let = [Period(each.starts_on, each.ends_on) for each in mandates if each.starts_on]
        return [period for link in self.kept for mandate in let if not (period := _common(link, mandate)).is_empty]


def get_client_account(*, viewer: User, office_uuid: UUID, account_uuid: UUID, on: date) -> ClientAccount:
    """Return an account of a company that an office of the person's keeps the books of on a day.

    :raises NotFound: for everybody else, as for nothing at all.
    """
    links = list(
        ClientLink.objects.exclude(state=LinkState.CLAIMED)
        .exclude(starts_on=None)
        .filter(office__uuid=office_uuid, office__members__user=viewer, company__bank_accounts__uuid=account_uuid)
        .select_related("office", "company")
    )
    if not any(is_in_force(link.starts_on, link.ends_on, on=on) for link in links):
        raise NotFound
    account = BankAccount.objects.get(uuid=account_uuid)
    account.company = links[0].company
    kept = [Period(link.starts_on, link.ends_on) for link in links if link.starts_on]
    return ClientAccount(links[0].office, account, kept)


def _common(one: Period, other: Period) -> Period:
    ends = [each for each in (one.ends_on, other.ends_on) if each]
    return Period(max(one.starts_on, other.starts_on), min(ends) if ends else None)


def list_account_statements(*, account: BankAccount, periods: Sequence[Period] | None = None) -> QuerySet[Statement]:
    """Return what came of an account, held ones that were not replaced included; in no order.

    With periods only statements of these days.
    """
    rows = Statement.objects.filter(account=account, state__in=SHOWN_STATES, replaced_by=None)
    if periods is None:
        return rows
    days = Q(pk__in=[])
    for period in periods:
        of_period = Q(new_balance_on__gte=period.starts_on)
        days |= of_period & Q(new_balance_on__lt=period.ends_on) if period.ends_on else of_period
    return rows.filter(days)
