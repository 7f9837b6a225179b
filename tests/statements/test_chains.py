"""What is missing now, from the stored statements; the rule itself is tested with the reader's."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.blobs.services import store_bytes
from apps.companies.models import BankAccount
from apps.statements.chains import broken_chains, missing_numbers
from apps.statements.coda.series import Link, judge_series
from apps.statements.models import CodaFile, Statement
from tests.factories import registry

pytestmark = pytest.mark.django_db
FIRST = date(2026, 1, 5)


@pytest.fixture
def account(now: datetime) -> BankAccount:
    return registry.make_account(now, registry.make_company(now), with_mandate=False)


@pytest.fixture
def coda_file(now: datetime) -> CodaFile:
    return CodaFile.objects.create(blob=store_bytes(b"chain", now=now), name="c", state="received", received_at=now)


def store(account: BankAccount, coda_file: CodaFile, *chain: dict[str, Any]) -> list[Statement]:
    """Store statements as they are told: `number`, `day` from the first, and anything else of the row."""
    place = Statement.objects.count()
    rows = []
    for more, told in enumerate(chain, start=1):
        facts = {"day": told["number"], "old": 100, "new": 100} | told
        day = FIRST + timedelta(days=facts.pop("day"))
        old, new = Decimal(f"{facts.pop('old')}.000"), Decimal(f"{facts.pop('new')}.000")
        row: dict[str, Any] = {
            "uuid": uuid4(), "coda_file": coda_file, "position": place + more, "first_line": 1, "last_line": 9,
            "account": account, "account_text": "", "iban": account.iban, "currency": "EUR", "old_balance": old,
            "new_balance": new, "old_balance_on": None, "new_balance_on": day, "movement_count": 1,
            "identity": f"{account.iban}|{day.year}|{facts['number']}", "content_hash": f"{place + more}",
            "state": "imported", "stored_at": coda_file.received_at,
        }  # fmt: skip
        rows.append(Statement(**(row | facts)))
    return Statement.objects.bulk_create(rows)


def gaps(account: BankAccount) -> list[tuple[int, int]]:
    return [(gap.first, gap.last) for gap in missing_numbers(account)]


def test_a_gap_names_its_numbers_and_neighbours_and_a_late_statement_closes_it(
    account: BankAccount, coda_file: CodaFile
) -> None:
    before, after = store(account, coda_file, {"number": 1}, {"number": 4})

    (gap,) = missing_numbers(account)
    assert (gap.first, gap.last, gap.count) == (2, 3, 2)
    assert (gap.before.uuid, gap.after.uuid) == (before.uuid, after.uuid)

    store(account, coda_file, {"number": 3})
    assert gaps(account) == [(2, 2)]
    store(account, coda_file, {"number": 2})
    assert gaps(account) == []


def test_balances_that_do_not_join_are_told_with_what_was_expected(account: BankAccount, coda_file: CodaFile) -> None:
    store(
        account, coda_file, {"number": 1, "new": 150}, {"number": 2, "old": 140, "new": 140}, {"number": 3, "old": 140}
    )

    (broken,) = broken_chains(account)
    assert (broken.expected, broken.found) == (Decimal(150), Decimal(140))
    assert (broken.before.number, broken.after.number) == (1, 2)
    assert "140" in broken.message


def test_a_held_statement_has_come_and_its_balances_are_not_asked(account: BankAccount, coda_file: CodaFile) -> None:
    store(account, coda_file, {"number": 1}, {"number": 2, "state": "held", "old": 7, "new": 9}, {"number": 3})

    assert gaps(account) == []
    assert broken_chains(account) == ()


def test_what_was_replaced_conflicts_or_came_twice_is_outside_the_chain(
    account: BankAccount, coda_file: CodaFile
) -> None:
    store(account, coda_file, {"number": 1, "new": 150}, {"number": 2, "old": 150})
    store(
        account, coda_file, {"number": 2, "state": "held", "old": 7}, {"number": 1, "state": "duplicate", "old": 7},
        {"number": 9, "is_separate_application": True},
    )  # fmt: skip

    assert gaps(account) == []
    assert broken_chains(account) == ()


def test_another_currency_of_the_iban_is_another_chain(account: BankAccount, coda_file: CodaFile) -> None:
    dollars = BankAccount.objects.create(company=account.company, iban=account.iban, currency="USD")
    store(account, coda_file, {"number": 1}, {"number": 2})
    store(dollars, coda_file, {"number": 5, "currency": "USD"}, {"number": 7, "currency": "USD"})

    assert gaps(account) == []
    assert gaps(dollars) == [(6, 6)]


def _chain() -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.fixed_dictionaries(
        {
            "number": st.sampled_from([0, 1, 2, 3, 4, 998, 999]),
            "day": st.sampled_from([0, 1, 2, 3, 358, 359, 360, 361, 362, 363]),
            "old": st.integers(1, 2),
            "new": st.integers(1, 2),
            "old_balance_on": st.sampled_from([None, *(FIRST + timedelta(days=day) for day in (0, 1, 2, 359))]),
            "movement_count": st.integers(0, 1),
            "state": st.sampled_from(["imported", "imported", "held"]),
            "created_on": st.sampled_from([None, FIRST + timedelta(days=361)]),
        }
    )
    return st.lists(one, max_size=8, unique_by=(lambda row: (row["number"], (FIRST + timedelta(row["day"])).year),))


def _links(statements: Sequence[Statement]) -> list[Link]:
    return [
        Link(
            account=s.iban, currency=s.currency, number=s.number, day=s.new_balance_on, created_on=s.created_on,
            old_balance=s.old_balance, old_balance_on=s.old_balance_on, new_balance=s.new_balance,
            has_movements=s.movement_count > 0, is_part=False, is_whole=s.state == "imported",
            content_hash=s.content_hash,
        )
        for s in statements
    ]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=_chain())
def test_it_says_what_the_rule_says_of_the_whole_series(
    account: BankAccount, coda_file: CodaFile, chain: list[dict[str, Any]]
) -> None:
    misfits = judge_series(_links(store(account, coda_file, *chain)))
    found, broken = gaps(account), [each.message for each in broken_chains(account)]
    Statement.objects.filter(coda_file=coda_file).delete()

    assert found == [(misfit.missing[0], misfit.missing[-1]) for misfit in misfits if misfit.missing]
    assert broken == [m.finding.message for m in misfits if m.finding.code == "balance_chain"]


def test_many_statements_are_one_query(account: BankAccount, coda_file: CodaFile) -> None:
    store(account, coda_file, *({"number": n + 1, "day": n} for n in range(300)))
    store(account, coda_file, {"number": 303, "day": 302})

    with CaptureQueriesContext(connection) as asked:
        assert gaps(account) == [(301, 302)]

    assert len(asked) == 1
