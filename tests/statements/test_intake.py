from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from apps.blobs.selectors import BlobDamaged, read_bytes
from apps.companies.models import BankAccount
from apps.companies.services import add_bank_account
from apps.delivery.models import FeedEntry
from apps.statements.chains import judge_account
from apps.statements.coda.writer import MovementDraft, StatementDraft, write_file
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


def test_a_held_file_again_is_a_duplicate_and_names_the_first(now: datetime, account: BankAccount) -> None:
    wrong = make_coda(account.iban, credit("5.00")).replace(b"000000001005000", b"000000001009000")
    first, second = load(wrong, now), load(wrong, now)

    held, again = Statement.objects.order_by("id")
    assert (first.state, second.state) == ("partly_imported", "duplicate")
    assert (held.state, again.state, again.duplicate_of) == ("held", "duplicate", held)
    assert codes(again) == ["balance_mismatch", "resent_duplicate"]


def test_a_second_statement_of_an_identity_again_is_a_duplicate_of_the_second(
    now: datetime, account: BankAccount
) -> None:
    for amount in ("5.00", "6.00", "6.00"):
        load(make_coda(account.iban, credit(amount)), now)

    _first, second, third = Statement.objects.order_by("id")
    assert (second.state, third.state, third.duplicate_of) == ("held", "duplicate", second)


def chained(iban: str, number: int, *, old: int, new: int, day: int | None = None) -> bytes:
    day_of = date(2026, 11, day or number)
    money = MovementDraft(amount=Decimal(new - old), entry_date=day_of, value_date=day_of, communication="x")
    return write_file(
        [
            StatementDraft(
                iban=iban, bic="GKCCBEBB", holder_name="Houder", enterprise_number="0123456749", number=number,
                creation_date=day_of, old_balance=Decimal(old), old_balance_date=day_of - timedelta(days=1),
                new_balance_date=day_of, movements=(money,),
            )
        ]
    )  # fmt: skip


def found(coda_file: CodaFile) -> list[tuple[str, str]]:
    return list(coda_file.findings.order_by("id").values_list("code", "message"))


def test_a_gap_and_a_broken_chain_are_findings_and_hold_nothing_back(now: datetime, account: BankAccount) -> None:
    load(chained(account.iban, 3, old=100, new=110), now)

    gap = load(chained(account.iban, 6, old=130, new=140), now)

    assert gap.statements.get().state == "imported"
    assert found(gap) == [
        ("statement_gap", "Before statement 006 of 2026-11-06, 004 to 005 did not come."),
        ("balance_chain", "It begins with 130.000, the one before ended with 110.000."),
    ]


def test_a_late_statement_is_judged_against_both_neighbours_and_makes_the_account_whole(
    now: datetime, account: BankAccount
) -> None:
    load(chained(account.iban, 3, old=100, new=110), now)
    load(chained(account.iban, 6, old=130, new=140), now)

    five = load(chained(account.iban, 5, old=120, new=130), now)
    four = load(chained(account.iban, 4, old=110, new=120), now)

    assert [code for code, _message in found(five)] == ["statement_gap", "balance_chain"]
    assert found(four) == []
    assert judge_account(account) == ((), ())


def test_the_same_statement_marked_as_resent_says_where_it_was_had(now: datetime, account: BankAccount) -> None:
    content = chained(account.iban, 3, old=100, new=110)
    load(content, now)

    again = load(content[:16] + b"D" + content[17:], now)

    assert again.state == "duplicate"
    assert [code for code, _message in found(again)] == ["resent_duplicate"]


def test_an_old_belgian_account_number_and_each_currency_of_an_iban_find_their_account(
    now: datetime, account: BankAccount
) -> None:
    dollars = add_bank_account(
        company_uuid=account.company.uuid, iban=account.iban, currency="USD", bic="", actor="t", now=now
    )
    movements = (draft("1.00"),)
    day = date(2026, 11, 24)
    for currency in ("EUR", "USD"):
        statement = StatementDraft(
            iban=account.iban, bic="", holder_name="Houder", enterprise_number="0123456749", number=1,
            creation_date=day, old_balance=Decimal(1), old_balance_date=day, new_balance_date=day,
            movements=movements, currency=currency,
        )  # fmt: skip
        load(write_file([statement]), now)
    load(write_file([replace(statement, currency="EUR", number=2, account_structure="0")]), now)

    placed = Statement.objects.order_by("id").values_list("account", "state")
    assert list(placed) == [(account.pk, "imported"), (dollars.pk, "imported"), (account.pk, "imported")]


def test_a_resumed_import_asks_nothing_about_what_is_stored(now: datetime, account: BankAccount) -> None:
    statements = [chained(account.iban, number, old=number, new=number + 1) for number in range(1, 21)]
    received = receive_coda_file(content=b"".join(statements), name="f", actor="t", now=now)
    import_coda_file(coda_file_uuid=received.uuid, now=now)
    # As if it had been killed before its last statement and its end.
    CodaFile.objects.update(state="received", finished_at=None)
    last = Statement.objects.latest("position")
    last.movements.all().delete()
    last.delete()

    with CaptureQueriesContext(connection) as asked:
        import_coda_file(coda_file_uuid=received.uuid, now=now)

    assert len(asked) <= 22
    assert CodaFile.objects.get().state == "imported"
    assert list(Statement.objects.order_by("position").values_list("number", flat=True)) == list(range(1, 21))
    assert Movement.objects.count() == 20


def test_damaged_bytes_are_not_imported(now: datetime, account: BankAccount) -> None:
    received = receive_coda_file(content=make_coda(account.iban, credit("5.00")), name="f", actor="t", now=now)
    (path,) = (path for path in Path(settings.BLOB_DIR).rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes().replace(b"5000", b"6000"))

    with pytest.raises(BlobDamaged):
        import_coda_file(coda_file_uuid=received.uuid, now=now)

    assert (CodaFile.objects.get().state, Statement.objects.count()) == ("received", 0)


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


def test_over_ten_thousand_details_are_the_money_of_their_total_once(now: datetime, account: BankAccount) -> None:
    one = MovementDraft(amount=Decimal("0.01"), entry_date=date(2026, 11, 24), transaction_code="50150000")
    total = replace(one, amount=Decimal("100.05"), transaction_code="10150000", details=[one] * 10_005)

    assert load(make_coda(account.iban, total), now).state == "imported"

    statement = Statement.objects.get()
    money = statement.movements.filter(is_money=True)
    assert statement.movement_count == 1
    assert (money.count(), money.aggregate(sum=Sum("amount"))["sum"]) == (10_005, Decimal("100.05"))
    assert statement.movements.filter(detail=0).count() == 2


@pytest.mark.parametrize("record", ["0", "1", "21", "22", "23", "31", "32", "8", "4", "9"])
def test_a_record_of_zero_bytes_is_kept_and_told_of(now: datetime, account: BankAccount, record: str) -> None:
    """PostgreSQL has no text with such a byte, and a bank's file may be damaged anywhere."""
    statement = StatementDraft(
        iban=account.iban, currency="EUR", bic="GKCCBEBB", holder_name="H", enterprise_number="0123456749", number=1,
        creation_date=now.date(), old_balance=Decimal(0), old_balance_date=now.date(), new_balance_date=now.date(),
        movements=[draft("12.00", information=["A" * 200], customer_reference="E2E")], free_messages=["M"],
    )  # fmt: skip
    content = write_file([statement])
    lines = content.splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if line.startswith(record.encode()))
    damaged = bytes(byte if chr(byte).isdigit() or byte in b"\r\n" else 0 for byte in lines[place])
    content = b"".join([*lines[:place], damaged, *lines[place + 1 :]])

    coda_file = load(content, now)

    assert coda_file.state in {"imported", "partly_imported", "quarantined"}
    assert read_bytes(coda_file.blob) == content
