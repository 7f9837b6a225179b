"""What is found of stored accounts: a gap, a held file, a late bank, a missing mandate, and what nobody fetches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounting_offices.models import AccountingOffice, Mandate
from apps.accounting_offices.rules import MandatePurpose
from apps.accounting_offices.services import end_mandate, request_mandate
from apps.companies.models import BankAccount
from apps.companies.services import add_bank_account
from apps.delivery.account_facts import banks_today, examine_accounts
from apps.delivery.examining import examine_and_keep, sweep
from apps.delivery.models import AccountHealth, Feed
from apps.statements.coda.generator import Recipe, make_file
from apps.statements.services.intake import import_coda_file, receive_coda_file
from tests.factories import registry
from tests.factories.statement_days import arrive, daily_until

pytestmark = pytest.mark.django_db
# The tests' clock stands on Wednesday 25 November 2026, 10:30 in Brussels: Tuesday's statement is due since ten.
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def account(now: datetime, office: AccountingOffice) -> BankAccount:
    return registry.make_account(now, registry.make_company(now, office=office))


def code(account: BankAccount, now: datetime) -> str:
    return examine_accounts([account], now=now)[account.pk].health.diagnosis.code.value


def kept(account: BankAccount, now: datetime) -> AccountHealth:
    examine_and_keep(account_ids=[account.pk], now=now)
    return AccountHealth.objects.get(account=account)


def load(content: bytes, now: datetime) -> None:
    coda_file = receive_coda_file(content=content, name="a.cod", actor="t", now=now)
    import_coda_file(coda_file_uuid=coda_file.uuid, now=now)


def test_an_account_with_every_statement_is_well(account: BankAccount, now: datetime) -> None:
    arrive(account, daily_until(TUESDAY))

    row = kept(account, now)

    assert (row.code, row.urgency, row.rhythm, row.bank) == ("well", "d", "daily", "GKCC")
    assert (row.last_on, row.finding_on) == (TUESDAY, None)
    assert row.expected_at == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def test_a_gap_is_a_finding_and_the_account_goes_on(account: BankAccount, now: datetime) -> None:
    arrive(account, daily_until(TUESDAY), skipped=[date(2026, 11, 18)])

    row = kept(account, now)

    assert (row.code, row.urgency, row.finding_on) == ("well", "c", date(2026, 11, 19))


def test_a_held_statement_is_the_diagnosis_until_a_good_one_replaces_it(account: BankAccount, now: datetime) -> None:
    arrive(account, daily_until(MONDAY))
    whole = Recipe(iban=account.iban, movements=3, first_day=TUESDAY, first_number=108)
    load(b"".join(make_file(replace(whole, oddities=["record9_count"]))), now)

    assert code(account, now) == "held"

    load(b"".join(make_file(whole)), now)
    assert code(account, now) == "well"


def test_a_bank_late_for_everyone_is_told_from_one_account_that_is_late(
    account: BankAccount, office: AccountingOffice, now: datetime
) -> None:
    accounts = [account] + [registry.make_account(now, registry.make_company(now, office=office)) for _ in range(3)]
    for each in accounts:
        arrive(each, daily_until(MONDAY, count=8))
    examine_and_keep(account_ids=[each.pk for each in accounts], now=now)

    assert [code(each, now) for each in accounts] == ["bank_late"] * 4
    (belfius,) = banks_today(now=now)
    assert (belfius.bank.name, belfius.expected, belfius.arrived, belfius.late) == ("Belfius", 4, 0, 4)
    assert belfius.fact.since == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)

    for each in accounts[1:]:
        arrive(each, [TUESDAY], first_number=108, arrived_at=now)
    examine_and_keep(account_ids=[each.pk for each in accounts], now=now)
    assert [code(each, now) for each in accounts] == ["account_late", "well", "well", "well"]
    (belfius,) = banks_today(now=now)
    assert (belfius.expected, belfius.arrived, belfius.late) == (4, 3, 1)


def test_without_a_mandate_that_comes_first(account: BankAccount, now: datetime) -> None:
    bare = registry.make_account(now, account.company, with_mandate=False)
    assert code(bare, now) == "mandate_missing"

    request_mandate(bank_account_uuid=bare.uuid, purpose=MandatePurpose.CODA, signer="An Maes", actor="t", now=now)
    assert code(bare, now) == "mandate_requested"


def test_a_mandate_that_ended_says_when_and_why(account: BankAccount, now: datetime) -> None:
    arrive(account, daily_until(TUESDAY))
    mandate = Mandate.objects.get(bank_account=account)
    end_mandate(mandate_uuid=mandate.uuid, ends_on=date(2026, 11, 25), reason="Rekening opgezegd", actor="t", now=now)

    diagnosis = examine_accounts([account], now=now)[account.pk].health.diagnosis

    assert diagnosis.code == "mandate_ended"
    assert (diagnosis.facts["ends_on"], diagnosis.facts["reason"]) == (date(2026, 11, 25), "Rekening opgezegd")


def test_a_statement_that_waits_for_its_account_is_unrouted_once_the_account_is_known(
    office: AccountingOffice, account: BankAccount, now: datetime
) -> None:
    iban = registry.iban()
    load(b"".join(make_file(Recipe(iban=iban, first_day=TUESDAY))), now)
    late = add_bank_account(company_uuid=account.company.uuid, iban=iban, currency="EUR", bic="", actor="t", now=now)
    Mandate.objects.filter(bank_account=account).update(bank_account=late)

    assert code(late, now) == "unrouted"


def test_what_a_software_leaves_lying_is_the_diagnosis_until_it_is_marked(
    account: BankAccount, now: datetime, run_reactions: Callable[[], int]
) -> None:
    registry.connect(now - timedelta(days=9), account.company, registry.make_software(now))
    run_reactions()
    arrive(account, daily_until(TUESDAY, count=6))
    run_reactions()
    feed = Feed.objects.get(company=account.company, office=None)
    feed.entries.update(listed_at=now - timedelta(days=5))

    diagnosis = examine_accounts([account], now=now)[account.pk].health.diagnosis
    assert diagnosis.code == "not_fetched"
    assert (diagnosis.facts["consumer"], diagnosis.facts["count"]) == ("Robaws", 6)

    Feed.objects.filter(pk=feed.pk).update(cursor=feed.last_position)
    assert code(account, now) == "well"


def test_a_stored_statement_is_looked_at_by_the_worker(
    account: BankAccount, now: datetime, run_reactions: Callable[[], int]
) -> None:
    arrive(account, daily_until(TUESDAY))
    run_reactions()

    assert AccountHealth.objects.get(account=account).code == "well"


def test_the_sweep_takes_new_accounts_and_those_whose_time_has_come(account: BankAccount, now: datetime) -> None:
    assert sweep(now=now) == 1
    assert sweep(now=now) == 0
    assert sweep(now=now + timedelta(hours=1)) == 1


def test_many_accounts_cost_as_many_queries_as_one(
    account: BankAccount, office: AccountingOffice, now: datetime, django_assert_num_queries: Any
) -> None:
    arrive(account, daily_until(TUESDAY, count=5))
    accounts = [registry.make_account(now, registry.make_company(now, office=office)) for _ in range(5)]
    with CaptureQueriesContext(
        connection,
    ) as one:
        examine_accounts([account], now=now)

    with django_assert_num_queries(len(one)):
        examine_accounts([account, *accounts], now=now)
    with django_assert_num_queries(len(one) + 2):
        examine_and_keep(account_ids=[each.pk for each in (account, *accounts)], now=now)
    assert len(one) == 5
