from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Sum

from apps.blobs.selectors import read_bytes
from apps.companies.models import BankAccount
from apps.delivery.models import FeedEntry
from apps.statements.models import CodaFile, Movement, Statement
from apps.statements.services.intake import import_coda_file, receive_coda_file
from tests.factories import registry
from tests.factories.movements import book, draft
from tests.factories.wire import credit, make_coda

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[1] / "samples" / "coda"


@pytest.fixture
def account(now: datetime) -> BankAccount:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))


def load(content: bytes, now: datetime) -> CodaFile:
    received = receive_coda_file(content=content, name="bank.cod", actor="test", now=now)
    return import_coda_file(coda_file_uuid=received.uuid, now=now)


def codes(statement: Statement) -> list[str]:
    return list(statement.findings.order_by("id").values_list("code", flat=True))


def test_a_file_becomes_a_statement_with_its_movements(now: datetime, account: BankAccount) -> None:
    coda_file = load(make_coda(account.iban, credit("1210.00"), credit("-10.50", "")), now)

    statement = Statement.objects.get()
    movement = statement.movements.earliest("ordinal")
    assert coda_file.state == "imported"
    assert (statement.state, statement.number, statement.movement_count) == ("imported", 214, 2)
    assert (statement.old_balance, statement.new_balance) == (Decimal("1000.000"), Decimal("2199.500"))
    assert statement.account == account
    assert (movement.amount, movement.structured_communication) == (Decimal("1210.000"), "090933755493")
    assert (movement.counterparty_name, movement.counterparty_iban) == ("Klant NV", "BE71096123456769")


def test_the_same_bytes_again_are_a_duplicate_file(now: datetime, account: BankAccount) -> None:
    content = make_coda(account.iban, credit("1210.00"))

    first, second = load(content, now), load(content, now)

    assert (first.state, second.state) == ("imported", "duplicate")
    assert first.blob == second.blob
    assert Movement.objects.count() == 1


def test_importing_a_finished_file_again_changes_nothing(now: datetime, account: BankAccount) -> None:
    coda_file = load(make_coda(account.iban, credit("1210.00")), now)

    import_coda_file(coda_file_uuid=coda_file.uuid, now=now)

    assert (Statement.objects.count(), Movement.objects.count()) == (1, 1)


def test_a_known_statement_inside_another_file_is_a_duplicate_and_the_rest_imports(
    now: datetime, account: BankAccount
) -> None:
    known, fresh = make_coda(account.iban, credit("5.00")), make_coda(account.iban, credit("7.00"), number=215)
    load(known, now)

    both = load(known + fresh, now)

    assert both.state == "imported"
    assert list(both.statements.order_by("position").values_list("state", flat=True)) == ["duplicate", "imported"]
    assert Movement.objects.aggregate(total=Sum("amount"))["total"] == Decimal("12.000")


def test_a_wrong_balance_is_held_with_nothing_stored_of_its_money_and_the_rest_imports(
    now: datetime, account: BankAccount
) -> None:
    good = make_coda(account.iban, credit("7.00"), number=215)
    wrong = make_coda(account.iban, credit("5.00")).replace(b"000000001005000", b"000000001009000")

    coda_file = load(wrong + good, now)

    assert coda_file.state == "partly_imported"
    held, imported = coda_file.statements.order_by("position")
    assert (held.state, codes(held)) == ("held", ["balance_mismatch"])
    assert held.movements.count() == 0
    assert (imported.state, imported.movements.count()) == ("imported", 1)
    assert read_bytes(coda_file.blob) == wrong + good


def test_a_held_statement_is_replaced_by_a_whole_one(now: datetime, account: BankAccount) -> None:
    whole = make_coda(account.iban, credit("5.00"))
    load(whole.replace(b"000000001005000", b"000000001009000"), now)

    load(whole, now)

    held, imported = Statement.objects.order_by("id")
    assert (held.state, imported.state) == ("held", "imported")
    assert held.replaced_by == imported


def test_the_same_identity_with_other_content_is_a_conflict_and_the_first_stays(
    now: datetime, account: BankAccount
) -> None:
    load(make_coda(account.iban, credit("5.00")), now)

    load(make_coda(account.iban, credit("6.00")), now)

    first, second = Statement.objects.order_by("id")
    assert (first.state, second.state, codes(second)) == ("imported", "held", ["statement_conflict"])
    assert Movement.objects.get().amount == Decimal("5.000")


def test_a_file_cut_in_the_middle_is_held_and_kept(now: datetime, account: BankAccount) -> None:
    content = make_coda(account.iban, *(credit(f"{n}.00") for n in range(1, 9)))

    coda_file = load(content[: len(content) // 2], now)

    assert coda_file.state == "partly_imported"
    statement = coda_file.statements.get()
    assert statement.state == "held"
    assert "missing_record_9" in codes(statement)
    assert not Movement.objects.exists()


def test_a_file_that_is_no_coda_is_quarantined_with_its_line_and_reason(now: datetime) -> None:
    coda_file = load(b"PK\x03\x04 this is a zip", now)

    finding = coda_file.findings.get()
    assert (coda_file.state, finding.code, finding.severity, finding.line) == ("quarantined", "not_coda", "fatal", 1)


def test_an_unknown_account_is_unrouted_and_its_money_is_kept(now: datetime, run_reactions: Callable[[], int]) -> None:
    coda_file = load(make_coda("BE68539007547034", credit("5.00")), now)
    run_reactions()

    assert (coda_file.state, coda_file.statements.get().state) == ("imported", "unrouted")
    assert Movement.objects.count() == 1
    assert not FeedEntry.objects.exists()


def test_an_office_gets_no_statement_without_a_mandate_that_day(
    now: datetime, run_reactions: Callable[[], int]
) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    account = registry.make_account(now, company, with_mandate=False)

    load(make_coda(account.iban, credit("5.00")), now)
    run_reactions()

    assert not FeedEntry.objects.exists()


def test_a_globalised_movement_counts_its_details_and_not_its_total(now: datetime, account: BankAccount) -> None:
    from dataclasses import replace

    details = (credit("60.00"), credit("40.00", ""))
    total = replace(credit("100.00", ""), transaction_code="10150000", details=details)

    load(make_coda(account.iban, total), now)

    statement = Statement.objects.get()
    money = statement.movements.filter(is_money=True)
    assert statement.movement_count == 1
    assert sorted(money.values_list("amount", flat=True)) == [Decimal("40.000"), Decimal("60.000")]
    assert statement.movements.count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_file_imported_by_many_workers_at_once_is_stored_once(now: datetime, account: BankAccount) -> None:
    content = b"".join(make_coda(account.iban, credit(f"{n}.00"), number=n) for n in range(1, 11))
    received = receive_coda_file(content=content, name="f", actor="test", now=now)

    def load_once(_number: int) -> None:
        try:
            import_coda_file(coda_file_uuid=received.uuid, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(load_once, range(6)))

    assert CodaFile.objects.get().state == "imported"
    assert Statement.objects.filter(state="imported").count() == Statement.objects.count() == 10
    assert Movement.objects.count() == 10


def test_a_movement_belongs_to_the_company_of_its_account_whoever_writes_it_and_whatever_he_says(
    now: datetime, account: BankAccount
) -> None:
    """The previous release, which names no company, and a mistaken writer."""
    (imported,) = book(now, account, draft("10.00"))
    stranger = registry.make_company(now)
    row = {field.attname: getattr(imported, field.attname) for field in Movement._meta.concrete_fields}
    row.pop("id")
    money, mistaken, no_money = (
        Movement(**{**row, "uuid": uuid4(), "ordinal": 100 + n, "company_id": company, "is_money": is_money})
        for n, (company, is_money) in enumerate([(None, True), (stranger.pk, True), (account.company_id, False)])
    )

    Movement.objects.bulk_create([money, mistaken, no_money])

    placed = Movement.objects.order_by("ordinal").values_list("company_id", flat=True)
    assert list(placed) == [account.company_id, account.company_id, account.company_id, None]


def _movements_updated() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'statements_movement'")
        return int(cursor.fetchone()[0])


def test_movements_of_a_known_account_are_written_once(now: datetime, account: BankAccount) -> None:
    # What earlier transactions of this connection changed may still be counted: what this one adds is asked.
    before = _movements_updated()

    movements = book(now, account, *(draft(f"{n}.00") for n in range(1, 20)))

    assert _movements_updated() == before
    assert {movement.company_id for movement in movements} == {account.company_id}
