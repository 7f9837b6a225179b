"""The page of a bank statement, its files, and who finds it."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml.etree import fromstring
from openpyxl import load_workbook
from pypdf import PdfReader

from apps.accounting_offices.models import Mandate
from apps.companies.models import BankAccount
from apps.portal import account_export
from apps.statements.coda.drafts import MovementDraft
from apps.statements.coda.generator import Recipe, make_file
from apps.statements.models import Statement
from apps.statements.services.held import set_statement_aside
from apps.statements.services.intake import import_coda_file, receive_coda_file
from tests.factories import registry
from tests.factories.movements import book, draft
from tests.factories.wire import credit, make_coda
from tests.portal.test_pages import text_of
from tests.portal.world import World, signed_in
from tests.statements.coda.test_camt import NAMESPACE, signed

pytestmark = pytest.mark.django_db


def load(now: datetime, content: bytes) -> Statement:
    received = receive_coda_file(content=content, name="a.cod", actor="t", now=now)
    import_coda_file(coda_file_uuid=received.uuid, now=now)
    return Statement.objects.filter(coda_file=received).earliest("position")


def account_of(world: World) -> BankAccount:
    return BankAccount.objects.get(company=world.company)


def made(now: datetime, world: World, *oddities: str) -> Statement:
    recipe = Recipe(iban=account_of(world).iban, movements=12, oddities=oddities, first_day=date(2026, 11, 23))
    return load(now, b"".join(make_file(recipe)))


def page_of(world: World, statement: Statement) -> str:
    return f"/companies/{world.company.uuid}/statements/{statement.uuid}/"


def office_page_of(world: World, statement: Statement) -> str:
    return f"/offices/{world.office.uuid}/statements/{statement.uuid}/"


def test_a_company_and_its_office_see_a_statement_with_balances_kinds_and_details(now: datetime, world: World) -> None:
    statement = made(now, world, "globalised", "globalised_two_levels", "creditor_reference")

    for person, address in ((world.owner, page_of), (world.accountant, office_page_of)):
        text = text_of(signed_in(person).get(address(world, statement)).content.decode())
        for part in (
            *("Uittreksel 1 van 23 nov 2026", "22 nov 2026 € 1.000,00"),
            *("Overschrijving – Collectieve overschrijving", "RF18 5390 0754 7034", "Brutobedrag"),
        ):
            assert part in text


def test_a_statement_belongs_to_nobody_else(now: datetime, world: World) -> None:
    statement = made(now, world)
    mine, theirs = page_of(world, statement), office_page_of(world, statement)
    other_company = registry.make_company(now)
    registry.make_member(now, world.stranger, company=other_company)
    other_office = registry.make_office(now)
    registry.make_member(now, world.stranger, office=other_office)
    elsewhere = [
        f"/companies/{other_company.uuid}/statements/{statement.uuid}/",
        f"/offices/{other_office.uuid}/statements/{statement.uuid}/",
    ]

    for address in (mine, theirs, *elsewhere):
        for rest in ("", "cod/", "xml/", "pdf/"):
            assert signed_in(world.stranger).get(f"{address}{rest}").status_code == 404
    assert signed_in(world.accountant).get(mine).status_code == 404
    assert signed_in(world.owner).get(theirs).status_code == 404


def test_an_office_sees_no_statement_of_a_day_without_a_mandate(now: datetime, world: World) -> None:
    statement = made(now, world)
    address = office_page_of(world, statement)
    assert signed_in(world.accountant).get(address).status_code == 200

    Mandate.objects.update(ends_on=statement.new_balance_on, state="ended")

    assert signed_in(world.accountant).get(address).status_code == 404
    assert signed_in(world.owner).get(page_of(world, statement)).status_code == 200


def test_the_files_of_a_statement_are_handed_over_under_its_name(now: datetime, world: World) -> None:
    statement = made(now, world)
    client = signed_in(world.owner)

    answers = {name: client.get(f"{page_of(world, statement)}{name}/") for name in ("cod", "xml", "pdf")}

    assert answers["cod"].content.startswith(b"0000024112600005")
    assert answers["xml"].content.startswith(b'<?xml version="1.0" encoding="US-ASCII"?>')
    assert answers["pdf"].content.startswith(b"%PDF-")
    assert answers["cod"].headers["Content-Disposition"] == (
        f'attachment; filename="{statement.iban}_2026-11-23_001.cod"'
    )


def test_of_two_with_one_number_each_says_which_one_counts(now: datetime, world: World) -> None:
    client = signed_in(world.owner)
    first, second = (
        load(now, make_coda(account_of(world).iban, credit(each), number=190)) for each in ("5.00", "6.00")
    )

    waiting = text_of(client.get(page_of(world, second)).content.decode())
    set_statement_aside(statement_uuid=second.uuid, reason="The first is right.", actor="staff:1", now=now)
    replaced = client.get(page_of(world, second)).content.decode()

    assert "Het eerste telt tot we beide met de bank vergeleken hebben." in waiting
    assert "Dit uittreksel telt niet." in replaced
    assert page_of(world, first) in replaced
    assert "Dit uittreksel wordt vastgehouden." not in text_of(replaced)
    assert f"/companies/{world.company.uuid}/accounts/{account_of(world).uuid}/" in replaced


def test_a_held_statement_says_why_and_hands_nothing_over(now: datetime, world: World) -> None:
    statement = made(now, world, "balance_mismatch")
    client = signed_in(world.owner)

    text = text_of(client.get(page_of(world, statement)).content.decode())

    assert statement.state == "held"
    assert "Dit uittreksel wordt vastgehouden." in text
    assert "balance_mismatch" in text
    # The banner says that we ask the bank, so nobody else is told to.
    assert "U hoeft niets te doen: wij kijken het na en vragen de bank een volledig uittreksel" in text
    assert "Vraag de bank om het uittreksel opnieuw te sturen." not in text
    assert [client.get(f"{page_of(world, statement)}{name}/").status_code for name in ("cod", "xml", "pdf")] == [
        404
    ] * 3


def test_a_duplicate_has_no_page(now: datetime, world: World) -> None:
    content = make_coda(account_of(world).iban, draft("5.00"), number=300)
    load(now, content)
    again = load(now, content + b"\r\n")

    assert again.state == "duplicate"
    assert signed_in(world.owner).get(page_of(world, again)).status_code == 404


def test_an_empty_statement_says_that_nothing_moved(now: datetime, world: World) -> None:
    statement = made(now, world, "empty")

    assert "Geen bewegingen" in text_of(signed_in(world.owner).get(page_of(world, statement)).content.decode())


def test_long_statements_come_in_pages_and_a_part_names_its_total(now: datetime, world: World) -> None:
    parts = tuple(draft("1.00", name=f"Deel {number}", transaction_code="60150000") for number in range(250))
    total = globalised(parts)
    statement = load(now, make_coda(account_of(world).iban, total, number=301))
    client = signed_in(world.owner)

    with CaptureQueriesContext(connection) as queries:
        first = client.get(page_of(world, statement))
    following = client.get(page_of(world, statement) + first.context["list"].next_url)

    assert len(queries) <= 12
    assert text_of(first.content.decode()).count("Deel ") == 199
    text = text_of(following.content.decode())
    assert text.count("Deel ") == 51
    assert "deel van beweging 1, Samen, € 250,00" in text


def globalised(parts: tuple[MovementDraft, ...]) -> MovementDraft:
    total = sum((part.amount for part in parts), Decimal(0))
    return draft(f"{total}", name="Samen", transaction_code="20150000", details=parts)


def test_movements_come_as_csv_and_xlsx_whose_amounts_add_up_and_run_nothing(now: datetime, world: World) -> None:
    statement = made(now, world, "globalised")
    bad = load(now, make_coda(account_of(world).iban, draft("7.00", name="=cmd|' /C calc'!A0"), number=302))
    client = signed_in(world.owner)

    lines = _csv(client, f"{page_of(world, statement)}?export=csv")
    sheet = load_workbook(BytesIO(_content(client, f"{page_of(world, bad)}?export=xlsx"))).active

    amounts = [Decimal(line["Bedrag"].replace(",", ".")) for line in lines if line["Bedrag"]]
    assert sum(amounts) == statement.new_balance - statement.old_balance
    assert len(lines) == statement.movements.count()
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert "'=cmd|' /C calc'!A0" in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for cell in cells)


def _csv(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(_content(client, address).decode("utf-8-sig")), delimiter=";"))


def _content(client: Client, address: str) -> bytes:
    answer: Any = client.get(address)
    return b"".join(answer.streaming_content)


def test_the_movements_of_a_company_lead_to_their_statement(now: datetime, world: World) -> None:
    book(now, account_of(world), draft("3.00"))
    newest = Statement.objects.latest("id")

    page = signed_in(world.owner).get(f"/companies/{world.company.uuid}/payments/").content.decode()

    assert page_of(world, newest) in page


def test_a_statement_comes_as_camt_whose_entries_lead_to_its_balance(now: datetime, world: World) -> None:
    statement = made(now, world, "globalised", "globalised_two_levels", "third_decimal")

    root = fromstring(_content(signed_in(world.owner), f"{page_of(world, statement)}camt/"))

    entries = [signed(entry) for entry in root.iter(f"{NAMESPACE}Ntry")]
    assert statement.old_balance + sum(entries) == statement.new_balance
    assert root.findtext(f".//{NAMESPACE}NbOfNtries") == str(len(entries))


def export_of(world: World) -> str:
    return f"/companies/{world.company.uuid}/accounts/{account_of(world).uuid}/export/"


def test_a_period_of_an_account_comes_as_one_file_of_each_kind(now: datetime, world: World) -> None:
    recipe = Recipe(iban=account_of(world).iban, statements=4, movements=5, first_day=date(2026, 11, 16), seed=4)
    load(now, b"".join(make_file(recipe)))
    days = Statement.objects.filter(new_balance_on__range=("2026-11-17", "2026-11-18")).order_by("new_balance_on")
    client, period = signed_in(world.owner), "?first=2026-11-17&last=2026-11-18&kind="

    root = fromstring(_content(client, f"{export_of(world)}{period}camt"))
    table = _csv(client, f"{export_of(world)}{period}csv")
    sheet = load_workbook(BytesIO(_content(client, f"{export_of(world)}{period}xlsx"))).active

    assert [each.findtext(f"{NAMESPACE}Id") for each in root.iter(f"{NAMESPACE}Stmt")] == [row.uuid.hex for row in days]
    assert [len(list(each.iter(f"{NAMESPACE}Ntry"))) for each in root.iter(f"{NAMESPACE}Stmt")] == [5, 5]
    assert sum(Decimal(line["Bedrag"].replace(",", ".")) for line in table) == days[1].new_balance - days[0].old_balance
    assert sheet is not None
    assert sheet.max_row == 11


def test_a_period_without_statements_or_with_too_many_lines_says_so(
    now: datetime, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(world.owner)
    made(now, world)
    monkeypatch.setitem(account_export.MOST_LINES, "csv", 11)

    for period, sentence in {
        "?first=2001-01-01&last=2001-01-31&kind=csv": "In deze periode is er geen uittreksel.",
        "?first=2026-11-01&last=2026-11-30&kind=csv": "hoogstens 11 lijnen",
        "?first=2026-11-30&last=2026-11-01&kind=csv": "De periode eindigt voor ze begint.",
    }.items():
        assert sentence in text_of(client.get(f"{export_of(world)}{period}").content.decode())


def test_an_office_takes_along_only_its_own_days(now: datetime, world: World) -> None:
    recipe = Recipe(iban=account_of(world).iban, statements=4, movements=5, first_day=date(2026, 11, 16), seed=4)
    load(now, b"".join(make_file(recipe)))
    address = f"/offices/{world.office.uuid}/accounts/{account_of(world).uuid}/export/"
    period = "?first=2026-11-16&last=2026-11-20&kind=camt"
    client = signed_in(world.accountant)
    Mandate.objects.update(ends_on="2026-11-18", state="ended")

    root = fromstring(_content(client, f"{address}{period}"))

    assert len(list(root.iter(f"{NAMESPACE}Stmt"))) == 2
    Mandate.objects.update(starts_on="2019-01-01", ends_on="2019-02-01")
    assert client.get(f"{address}{period}").status_code == 404
    assert signed_in(world.stranger).get(f"{address}{period}").status_code == 404


def test_what_the_bank_tells_of_a_movement_stands_with_it(now: datetime, world: World) -> None:
    statement = load(
        now, make_coda(account_of(world).iban, draft("12.00", information=["COSTS  0,50 EUR"]), number=302)
    )
    client = signed_in(world.owner)

    pdf = PdfReader(BytesIO(client.get(f"{page_of(world, statement)}pdf/").content))
    camt = fromstring(_content(client, f"{page_of(world, statement)}camt/"))

    assert "COSTS 0,50 EUR" in text_of(client.get(page_of(world, statement)).content.decode())
    assert "COSTS 0,50 EUR" in pdf.pages[0].extract_text()
    assert [line["Informatie van de bank"] for line in _csv(client, f"{page_of(world, statement)}?export=csv")] == [
        "COSTS 0,50 EUR"
    ]
    assert camt.findtext(f".//{NAMESPACE}AddtlTxInf") == "COSTS 0,50 EUR"


def test_what_the_bank_tells_of_a_statement_stands_on_it(now: datetime, world: World) -> None:
    statement = made(now, world, "free_messages")
    client = signed_in(world.owner)

    pdf = PdfReader(BytesIO(client.get(f"{page_of(world, statement)}pdf/").content))

    first, last = statement.bank_messages.splitlines()[0], statement.bank_messages.splitlines()[-1]
    assert first != last
    for text in (
        text_of(client.get(page_of(world, statement)).content.decode()),
        "".join(page.extract_text() for page in pdf.pages),
    ):
        assert first in text
        assert last in text
