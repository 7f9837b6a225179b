"""Everything that is known of some accounts' health, in a fixed number of queries, whatever their number."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Exists, F, Min, OuterRef, Q

from apps.accounting_offices.models import ClientLink, Mandate
from apps.accounting_offices.selectors import coda_mandates, mandate_of
from apps.companies.models import BankAccount
from apps.core.clock import BRUSSELS, brussels_day
from apps.delivery.models import FeedEntry
from apps.statements.health.banks import Bank, bank_named, bank_of
from apps.statements.health.diagnosis import (
    BankFact,
    Facts,
    Health,
    MandateFact,
    UnfetchedFact,
    WaitingFact,
    examine,
)
from apps.statements.health.rhythm import LOOKED_AT, REGULAR
from apps.statements.models import Statement
from apps.statements.recent import RecentStatement, recent_statements, waiting_statements
from apps.statements.rules import StatementState
from apps.tokens.models import Connection
from apps.tokens.rules import ConnectionState

# An account that has been silent for longer tells nothing of its bank's day.
_OF_TODAY: Final = timedelta(days=7)
# Diagnoses that come before lateness: such an account is not waited for.
_NOT_AWAITED: Final = (
    "mandate_missing", "mandate_requested", "mandate_signed", "mandate_refused", "mandate_ended", "held", "unrouted",
)  # fmt: skip
_BANKS: Final = """
SELECT bank,
    count(*) FILTER (WHERE rhythm = ANY(%(regular)s) AND (late OR came)),
    count(*) FILTER (WHERE late),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY late_at) FILTER (WHERE late),
    count(*) FILTER (WHERE rhythm = ANY(%(regular)s) AND (came OR expected_at < %(tomorrow)s)),
    count(*) FILTER (WHERE came AND rhythm = ANY(%(regular)s)),
    count(*)
FROM (
    SELECT bank, rhythm, late_at, expected_at, last_arrived_at >= %(today)s AS came,
        late_at <= %(now)s AND late_at > %(old)s AND code <> ALL(%(not_awaited)s) AS late
    FROM delivery_accounthealth WHERE bank = ANY(%(banks)s) OR %(all)s
) AS health GROUP BY bank
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An account, its bank, what it was examined by, and what was found."""

    account: BankAccount
    bank: Bank
    mandate: Mandate | None
    mandates: Sequence[Mandate]
    statements: Sequence[RecentStatement]
    waiting: Sequence[Statement]
    unfetched: Sequence[UnfetchedFact]
    bank_today: BankFact
    health: Health


@dataclass(frozen=True, slots=True)
class BankToday:
    """A bank on a day: how it is doing, how many accounts a statement is expected for, and how many have it."""

    bank: Bank
    fact: BankFact
    expected: int
    arrived: int
    accounts: int

    @property
    def late(self) -> int:
        """Return how many accounts have waited too long."""
        return self.fact.late


def examine_accounts(
    accounts: Iterable[BankAccount], *, now: datetime, at_most: int = LOOKED_AT
) -> dict[int, Examined]:
    """Examine some accounts by what is stored now; `at_most` newest statements of each are read."""
    wanted = {account.pk: account for account in accounts}
    if not wanted:
        return {}
    came = recent_statements(account_ids=wanted, at_most=at_most)
    waiting = waiting_statements(accounts=wanted.values())
    mandates = coda_mandates(account_ids=wanted)
    unfetched = _unfetched(wanted.values(), now)
    banks = {pk: bank_of(account.iban, account.bic) for pk, account in wanted.items()}
    today = {each.bank.key: each.fact for each in banks_today(now=now, keys={bank.key for bank in banks.values()})}
    found = {}
    for pk, account in wanted.items():
        statements, kept = came.get(pk, []), waiting.get(pk, [])
        mandate = mandate_of(mandates.get(pk, []), on=brussels_day(now))
        fact = today.get(banks[pk].key, BankFact(banks[pk].name))
        facts = Facts(
            came=[each.came for each in statements[-LOOKED_AT:]],
            bank=fact,
            known_since=statements[-1].arrived_at if statements else None,
            mandate=_mandate_fact(mandate),
            held=_waiting_fact(kept, StatementState.HELD),
            unrouted=_waiting_fact(kept, StatementState.UNROUTED),
            unfetched=unfetched.get(pk, []),
        )
        found[pk] = Examined(
            account=account,
            bank=banks[pk],
            mandate=mandate,
            mandates=mandates.get(pk, []),
            statements=statements,
            waiting=kept,
            unfetched=facts.unfetched,
            bank_today=fact,
            health=examine(facts, now=now),
        )
    return found


def banks_today(*, now: datetime, keys: Collection[str] | None = None) -> list[BankToday]:
    """Return the banks of our accounts, or some of them, as their accounts were when last examined; the late first."""
    today = datetime.combine(brussels_day(now), time(0), BRUSSELS)
    params: dict[str, Any] = {
        "now": now, "today": today, "tomorrow": today + timedelta(days=1), "old": now - _OF_TODAY,
        "regular": [kind.value for kind in REGULAR], "not_awaited": list(_NOT_AWAITED),
        "banks": sorted(keys or ()), "all": keys is None,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BANKS, params)
        rows = cursor.fetchall()
    found = [
        BankToday(bank_named(key), BankFact(bank_named(key).name, owed, late, since), expected, arrived, accounts)
        for key, owed, late, since, expected, arrived, accounts in rows
    ]
    return sorted(found, key=lambda each: (not each.fact.is_late, -each.late, each.bank.name))


def _mandate_fact(mandate: Mandate | None) -> MandateFact | None:
    if mandate is None:
        return None
    since = mandate.requested_at if mandate.state == "requested" else mandate.signed_at or mandate.requested_at
    return MandateFact(mandate.state, since, mandate.starts_on, mandate.ends_on, mandate.signer, mandate.reason)


def _waiting_fact(waiting: Sequence[Statement], state: StatementState) -> WaitingFact | None:
    of_state = [each for each in waiting if each.state == state]
    if not of_state:
        return None
    return WaitingFact(of_state[0].new_balance_on, of_state[0].number, of_state[0].stored_at)


def _unfetched(accounts: Collection[BankAccount], now: datetime) -> Mapping[int, list[UnfetchedFact]]:
    """Return what lies ready for the consumers of today: software that is connected, and the present office.

    An office that has never marked anything reads on these pages, so nothing waits for it.
    """
    connected = Connection.objects.filter(
        company=OuterRef("feed__company"), software=OuterRef("feed__software"), state=ConnectionState.ACTIVE
    )
    present = ClientLink.objects.holding(brussels_day(now)).filter(
        company=OuterRef("feed__company"), office=OuterRef("feed__office")
    )
    rows = (
        FeedEntry.objects.filter(
            Exists(connected) | (Q(feed__cursor__gt=0) & Exists(present)),
            feed__company__in={account.company_id for account in accounts},
            feed__cursor__lt=F("feed__last_position"),
            position__gt=F("feed__cursor"),
            statement__account__in=[account.pk for account in accounts],
        )
        .values("feed", "statement__account", "feed__software__name", "feed__office__name")
        .annotate(count=Count("pk"), since=Min("listed_at"))
        .order_by("since")
    )
    found: dict[int, list[UnfetchedFact]] = {}
    for row in rows:
        name = row["feed__software__name"] or row["feed__office__name"]
        found.setdefault(row["statement__account"], []).append(UnfetchedFact(name, row["count"], row["since"]))
    return found
