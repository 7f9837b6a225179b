"""Papers of a statement: made on first download, kept, and never more than the statement."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from lxml.etree import XMLSchema, fromstring
from pypdf import PdfReader

from apps.blobs.models import Blob
from apps.blobs.storage import get_storage
from apps.companies.models import BankAccount
from apps.core.errors import NotFound
from apps.statements.coda import read_coda
from apps.statements.coda.generator import Recipe, make_file
from apps.statements.models import Rendition, Statement
from apps.statements.services.intake import import_coda_file, receive_coda_file
from apps.statements.services.renditions import RenditionFailed, rendition
from tests.factories import registry
from tests.factories.movements import book, draft

pytestmark = pytest.mark.django_db
RICH = (
    "globalised", "globalised_two_levels", "every_communication", "every_information", "long_texts", "accents",
    "creditor_reference", "third_decimal", "overdrawn", "free_messages", "returned_payment",
)  # fmt: skip


@pytest.fixture
def account(now: datetime) -> BankAccount:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))


def load(now: datetime, account: BankAccount, *, statements: int = 1, oddities: tuple[str, ...] = RICH) -> Statement:
    """Import a made file and return its middle statement, where the oddities are."""
    recipe = Recipe(iban=account.iban, statements=statements, movements=12, oddities=oddities)
    received = receive_coda_file(content=b"".join(make_file(recipe)), name="a.cod", actor="t", now=now)
    import_coda_file(coda_file_uuid=received.uuid, now=now)
    return Statement.objects.get(coda_file=received, position=statements // 2 + 1)


def damage(blob: Blob) -> None:
    storage = get_storage()
    (Path(settings.BLOB_DIR) / storage.key_of(blob.sha256)).unlink()


def test_the_coda_of_a_statement_holds_nothing_of_its_neighbours(now: datetime, account: BankAccount) -> None:
    statement = load(now, account, statements=3)

    cut = rendition(statement=statement, file_format="cod", now=now)

    (read,) = read_coda(cut)
    assert (read.number, read.new_balance) == (2, statement.new_balance)
    assert len(read.movements) == statement.movements.count()
    assert {len(line) for line in cut.split(b"\r\n")} == {128, 0}
    assert cut.endswith(b"2\r\n")


def test_codaplus_has_each_amount_received_once_and_keeps_to_the_schema_that_we_serve(
    now: datetime, account: BankAccount, client: Client
) -> None:
    statement = load(now, account)
    schema = client.get("/schemas/codaplus-1.0.xsd")

    document = fromstring(rendition(statement=statement, file_format="xml", now=now))

    XMLSchema(fromstring(schema.content)).assertValid(document)
    amounts = [Decimal(str(element.text)) for element in document.iter("Amount")]
    money = statement.movements.filter(is_money=True, amount__gt=0).values_list("amount", flat=True)
    assert sorted(amounts) == sorted(money)


def test_the_pdf_adds_up_to_the_balances_in_the_company_s_language(now: datetime, account: BankAccount) -> None:
    statement = load(now, account)

    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(_pdf(statement, now))).pages)

    booked = statement.movements.filter(parent_ordinal=None)
    assert sum(movement.amount for movement in booked) == statement.new_balance - statement.old_balance
    assert "Rekeninguittreksel" in text
    assert f"Bewegingen\n{booked.count()}" in text
    assert "+++090/9337/55493+++" in text
    assert "RF18 5390 0754 7034" in text


def _pdf(statement: Statement, now: datetime) -> bytes:
    return rendition(statement=statement, file_format="pdf", now=now)


def test_details_stand_as_deep_as_the_tree_of_the_reader_has_them(now: datetime, account: BankAccount) -> None:
    statement = load(now, account)
    parents = dict(statement.movements.values_list("ordinal", "parent_ordinal"))

    def depth(ordinal: int) -> int:
        parent = parents[ordinal]
        return 0 if parent is None else depth(parent) + 1

    levels = {movement.ordinal: movement.level for movement in statement.movements.all()}
    assert levels == {ordinal: depth(ordinal) for ordinal in parents}
    assert set(levels.values()) == {0, 1, 2}


@pytest.mark.parametrize("file_format", ["cod", "xml", "pdf"])
def test_a_paper_is_made_once_and_the_same_again_when_its_bytes_are_lost(
    now: datetime, account: BankAccount, file_format: str
) -> None:
    statement = load(now, account)
    first = rendition(statement=statement, file_format=file_format, now=now)
    kept = Rendition.objects.get()

    damage(kept.blob)
    again = rendition(statement=statement, file_format=file_format, now=now)

    assert again == first
    assert Rendition.objects.get() == kept
    damage(statement.coda_file.blob)
    assert rendition(statement=statement, file_format=file_format, now=now) == first


def test_a_paper_that_cannot_be_made_says_so_and_leaves_no_trace(now: datetime, account: BankAccount) -> None:
    statement = load(now, account)
    damage(statement.coda_file.blob)

    with pytest.raises(RenditionFailed):
        rendition(statement=statement, file_format="cod", now=now)
    with pytest.raises(NotFound):
        rendition(statement=statement, file_format="doc", now=now)
    assert not Rendition.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_first_downloads_at_once_get_the_same_bytes(now: datetime, account: BankAccount) -> None:
    book(now, account, draft("10.00"), draft("-4.00"))
    statement = Statement.objects.get()

    def download(file_format: str) -> bytes:
        try:
            return rendition(statement=statement, file_format=file_format, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        papers = list(threads.map(download, ["pdf", "cod", "pdf", "cod"]))

    assert (papers[0], papers[1]) == (papers[2], papers[3])
    assert Rendition.objects.count() == 2
