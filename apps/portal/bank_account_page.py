"""What the page of one account shows, for its company and for an office: the same parts for both."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.accounting_offices.rules import Period
from apps.core.clock import brussels_day
from apps.core.display import day, money
from apps.core.languages import LOCALES, reader_language
from apps.delivery.account_facts import examine_accounts
from apps.delivery.account_lists import list_account_statements
from apps.delivery.health_sentences import Reader
from apps.portal.bank_pictures import STEP, TOP, Seen, draw, missing_days
from apps.portal.health_slips import slip_of_health
from apps.portal.lists.keyset import Order, Page, page_or_first
from apps.portal.slips import Slip
from apps.statements.chains import judge_account
from apps.statements.health.bank_days import bank_days
from apps.statements.health.rhythm import RhythmKind, expect_of_day

WIDE_WEEKS: Final = 45
PHONE_WEEKS: Final = 10
READ: Final = 300
PAGE_SIZE: Final = 15
FINDINGS_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is right, and what was found."""

    title: str
    found: str
    is_right: bool
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Month:
    """A month in figures: its statements, how many bank days of it lack one, and the balance at its end."""

    first: date
    statements: int
    missing: int
    balance: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """Everything of one account that its page shows."""

    account: Any
    bank: Any
    mandate: Any
    health: Any
    slip: Slip
    checks: Sequence[Check]
    missing: Sequence[Any]
    broken: Sequence[Any]
    more_findings: int
    wide: Any
    phone: Any
    sentence: str
    months: Sequence[Month]
    page: Page[Any]
    balance_sentence: str
    has_statements: bool

    @property
    def week_days(self) -> list[tuple[int, str]]:
        """Return where the names of Monday, Wednesday and Friday stand beside a calendar, and how they read."""
        monday = date(2026, 1, 5)
        return [(TOP + STEP * number + 14, _week_day(monday + timedelta(days=number))) for number in range(0, 5, 2)]


def page_of_account(account: Any, *, reader: Reader, now: datetime, after: str, client: Any = None) -> AccountPage:
    """Examine an account now and return its page; of a client's account only what is of the office's days shows."""
    examined = examine_accounts([account], now=now, at_most=READ)[account.pk]
    periods = client.days(examined.mandates) if client else None
    missing, broken = judge_account(account)
    missing = tuple(each for each in missing if _is_within(each.after.day, periods))
    broken = tuple(each for each in broken if _is_within(each.after.day, periods))
    statements = [each for each in examined.statements if _is_within(each.day, periods)]
    seen = _seen(examined, statements, missing, broken, periods, now)
    misfits = [gap.after.day for gap in missing] + [chain.after.day for chain in broken]
    today = brussels_day(now)
    rows = list_account_statements(account=account, periods=periods)
    return AccountPage(
        account=account,
        bank=examined.bank,
        mandate=examined.mandate,
        health=examined.health,
        slip=slip_of_health(examined, reader=reader, gap_on=max(misfits, default=None)),
        checks=_checks(examined, missing, broken, today),
        missing=missing[: -FINDINGS_SHOWN - 1 : -1],
        broken=broken[: -FINDINGS_SHOWN - 1 : -1],
        more_findings=max(len(missing) - FINDINGS_SHOWN, 0) + max(len(broken) - FINDINGS_SHOWN, 0),
        wide=draw(seen, weeks=WIDE_WEEKS, until=today),
        phone=draw(seen, weeks=PHONE_WEEKS, until=today),
        sentence=_sentence(seen),
        months=_months(seen),
        page=page_or_first(rows, order=Order("new_balance_on"), after=after, size=PAGE_SIZE),
        balance_sentence=_balance_sentence(seen, account.currency),
        has_statements=bool(statements),
    )


def _is_within(when: date, periods: Sequence[Period] | None) -> bool:
    if periods is None:
        return True
    return any(each.starts_on <= when and (each.ends_on is None or when < each.ends_on) for each in periods)


def _seen(
    examined: Any,
    statements: Sequence[Any],
    missing: Sequence[Any],
    broken: Sequence[Any],
    periods: Sequence[Period] | None,
    now: datetime,
) -> Seen:
    health = examined.health
    gaps = missing_days([(each.before.day, each.after.day, each.count) for each in missing])
    held = {each.new_balance_on for each in examined.waiting if _is_within(each.new_balance_on, periods)}
    late, expected = _awaited(health, now)
    if health.diagnosis.code.startswith("mandate"):
        late, expected = set(), set()
    return Seen(
        statements=statements,
        missing=(gaps | late) - held,
        held=held,
        expected=expected,
        broken_after={each.before.uuid for each in (*missing, *broken)},
    )


def _awaited(health: Any, now: datetime) -> tuple[set[date], set[date]]:
    """Return the days whose statement is late by now, and the next one that is expected."""
    if health.expected is None:
        return set(), set()
    first, today = health.expected.day, brussels_day(now)
    if health.rhythm.kind is not RhythmKind.DAILY:
        return ({first}, set()) if health.expected.late_at <= now else (set(), {first})
    days = list(bank_days(first, max(today, first)))
    late = {each for each in days if expect_of_day(health.rhythm, each).late_at <= now}
    return late, set([each for each in days if each not in late][:1])


def _checks(examined: Any, missing: Collection[Any], broken: Collection[Any], today: date) -> list[Check]:
    code, mandate, bank = examined.health.diagnosis.code, examined.mandate, examined.bank_today
    return [
        Check(_("Mandate"), _mandate_found(mandate, today), not code.startswith("mandate")),
        Check(_("Bank"), _bank_found(bank), not bank.is_late, is_known=bank.expected > 0),
        Check(
            _("Held statements"),
            ngettext("%(n)s statement waits", "%(n)s statements wait", len(examined.waiting))
            % {"n": len(examined.waiting)}
            if examined.waiting
            else pgettext("statement", "none"),
            not examined.waiting,
        ),
        Check(_("Fetching"), _fetched_found(examined.unfetched), code != "not_fetched"),
        Check(
            _("Statement numbers"),
            ngettext("%(n)s gap", "%(n)s gaps", len(missing)) % {"n": len(missing)} if missing else _("none missing"),
            not missing,
        ),
        Check(
            _("Balances"),
            ngettext("%(n)s break", "%(n)s breaks", len(broken)) % {"n": len(broken)}
            if broken
            else _("all of them join"),
            not broken,
        ),
    ]


def _mandate_found(mandate: Any, today: date) -> str:
    if mandate is None:
        return pgettext("mandate", "none")
    if mandate.ends_on and mandate.ends_on <= today:
        return _("ended on %(day)s") % {"day": day(mandate.ends_on)}
    if mandate.starts_on and mandate.starts_on <= today:
        since = _("in force since %(day)s") % {"day": day(mandate.starts_on)}
        return f"{since}, " + _("until %(day)s") % {"day": day(mandate.ends_on)} if mandate.ends_on else since
    return _("not in force")


def _bank_found(bank: Any) -> str:
    if not bank.expected:
        return _("nothing is due today")
    text = ngettext("%(name)s: %(here)s of %(all)s account", "%(name)s: %(here)s of %(all)s accounts", bank.expected)
    return text % {"name": bank.name, "here": bank.expected - bank.late, "all": bank.expected}


def _fetched_found(unfetched: Sequence[Any]) -> str:
    if not unfetched:
        return _("nothing lies waiting")
    return ", ".join(_("%(name)s: %(n)s to fetch") % {"name": each.consumer, "n": each.count} for each in unfetched)


def _sentence(seen: Seen) -> str:
    """Say what the calendar shows, for whoever does not see it."""
    came = len({each.day for each in seen.statements})
    parts = [ngettext("%(n)s day with a statement", "%(n)s days with a statement", came) % {"n": came}]
    for days, text in (
        (seen.missing, _("missing: %(days)s")),
        (seen.held, _("held: %(days)s")),
        (seen.expected, _("expected next: %(days)s")),
    ):
        if days:
            named = [day(each) for each in sorted(days)[-5:]]
            parts.append(text % {"days": ", ".join(named) + (" …" if len(days) > len(named) else "")})
    return pgettext("between parts of a sentence", "; ").join(parts) + "."


def _balance_sentence(seen: Seen, currency: str) -> str:
    if not seen.statements:
        return ""
    last = seen.statements[-1]
    text = _("Balance on %(day)s: %(amount)s") % {"day": day(last.day), "amount": money(last.new_balance, currency)}
    if not seen.broken_after:
        return f"{text}."
    count = len(seen.broken_after)
    return (
        text
        + pgettext("between parts of a sentence", "; ")
        + ngettext("the line is broken %(n)s time.", "the line is broken %(n)s times.", count) % {"n": count}
    )


def _week_day(when: date) -> str:
    return str(format_date(when, "EEEEEE", locale=LOCALES[reader_language()]))


def _months(seen: Seen) -> list[Month]:
    """Return the same figures by month, the newest first."""
    found: dict[date, list[Any]] = {}
    for each in seen.statements:
        found.setdefault(each.day.replace(day=1), []).append(each)
    for each in seen.missing:
        found.setdefault(each.replace(day=1), [])
    newest = sorted(found, reverse=True)[:12]
    return [
        Month(
            first,
            len(found[first]),
            sum(1 for each in seen.missing if each.replace(day=1) == first),
            found[first][-1].new_balance if found[first] else None,
        )
        for first in newest
    ]
