"""Finding invoices by the words of their documents: whose they are, however written, whatever happened to them."""

from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from apps.accounting_offices.models import AccountingOffice
from apps.blobs.models import Blob
from apps.companies.models import Company
from apps.core.words import words_in
from apps.delivery.selectors import list_inbox
from apps.invoices.models import Invoice
from apps.invoices.selectors import list_invoices, search_invoices
from apps.invoices.services.retention import purge_expired
from apps.invoices.ubl import read_ubl, words_of
from apps.invoices.ubl.words import MOST_WORDS
from tests.factories import registry
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db


def document(company: Company, number: str, line: str = "Werken", **options: Any) -> bytes:
    made = make_document(company, number=number, **options)
    (description,) = {item.description for item in read_ubl(made).lines}
    return made.replace(description.encode(), line.encode())


@pytest.fixture
def sent(company: Company, software: Software, run_reactions: Callable[[], int]) -> None:
    for number, line in (
        ("A-1", "Plaatsing dakgoten, geïsoleerd"),
        ("A-2", "Réfection de la façade œuvre"),
        ("A-3", "Straße 12 Größe"),
    ):
        assert software.upload(document(company, number, line)).status_code == 201
    run_reactions()


def found(company: Company, text: str) -> list[str]:
    return sorted(search_invoices(list_invoices(company=company), text, None).values_list("number", flat=True))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("dakgoten", ["A-1"]),
        ("DAKGO", ["A-1"]),
        ("geisoleerd", ["A-1"]),
        ("Geïsoleerd plaats", ["A-1"]),
        ("facade", ["A-2"]),
        ("FAÇADE oeuvre", ["A-2"]),
        ("strasse", ["A-3"]),
        ("grosse", ["A-3"]),
        ("12 größe", ["A-3"]),
        ("klant nv", ["A-1", "A-2", "A-3"]),
        ("dakgoten facade", []),
        ("akgoten", []),
        ("' & !x:* | (", []),
        ("%", []),
    ],
)
def test_an_invoice_is_found_by_the_words_that_stand_in_it(
    company: Company, sent: None, text: str, numbers: list[str]
) -> None:
    assert found(company, text) == numbers


def test_an_inbox_finds_them_too_and_no_other_office_does(
    now: datetime, office: AccountingOffice, company: Company, sent: None
) -> None:
    other = registry.make_office(now, name="Ander kantoor")

    assert [i.number for i in search_invoices(list_inbox(office=office), "dakgoten", None)] == ["A-1"]
    assert not search_invoices(list_inbox(office=other), "dakgoten", None).exists()


def test_a_correction_in_force_is_found_by_its_own_words_only(
    company: Company, software: Software, sent: None, run_reactions: Callable[[], int]
) -> None:
    assert software.upload(document(company, "A-1", "Zinkwerk", price="1100.00")).status_code == 201
    assert (found(company, "zinkwerk"), found(company, "dakgoten")) == ([], ["A-1"]), "until it is judged"

    run_reactions()

    assert (found(company, "zinkwerk"), found(company, "dakgoten")) == (["A-1"], [])


def test_what_was_judged_before_words_were_kept_is_indexed_once_and_a_lost_document_is_passed_over(
    company: Company, sent: None, settings: Any
) -> None:
    Invoice.objects.update(words=None)
    changes = list(Invoice.objects.order_by("pk").values_list("changed_at", flat=True))
    assert found(company, "dakgoten") == []
    lost = Blob.objects.get(pk__in=Invoice.objects.get(number="A-3").versions.values("document"))
    (Path(settings.BLOB_DIR) / lost.sha256[:2] / lost.sha256[2:4] / lost.sha256).unlink()

    first, second = StringIO(), StringIO()
    call_command("index_words", stdout=first)
    call_command("index_words", stdout=second)

    assert (found(company, "dakgoten"), found(company, "facade"), found(company, "grosse")) == (["A-1"], ["A-2"], [])
    assert "2 indexed" in first.getvalue()
    assert "0 indexed" in second.getvalue()
    assert list(Invoice.objects.order_by("pk").values_list("changed_at", flat=True)) == changes, "no list tells of it"


def test_lists_do_not_read_the_words(company: Company, sent: None) -> None:
    assert "words" not in str(list_invoices(company=company).query)


def test_a_long_document_is_found_by_its_first_words(company: Company) -> None:
    long = " ".join(f"woord{n}" for n in range(2 * MOST_WORDS))

    words = words_of(read_ubl(document(company, "L-1", long)))

    assert len(words) == len(set(words)) == MOST_WORDS
    assert {"woord0", "klant"} <= set(words)


def test_words_are_letters_and_digits_of_any_writing_without_capitals_and_accents() -> None:
    text = "N° F-2026/0117: café, ÉCLAIR l'été œuf Æ Ł ﬁn " + "x" * 99

    assert list(words_in(text)) == [
        "n", "f", "2026", "0117", "cafe", "eclair", "l", "ete", "oeuf", "ae", "l", "fin", "x" * 40,
    ]  # fmt: skip


def test_the_words_of_a_row_are_what_the_database_keeps(company: Company, sent: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(words) FROM invoices_invoice WHERE number = 'A-2'")
        (kept,) = cursor.fetchone()

    assert {"refection", "facade", "oeuvre", "klant"} <= set(kept)


def test_the_words_of_a_purged_document_are_gone_and_stay_so(now: datetime, company: Company, sent: None) -> None:
    purge_expired(today=date(2040, 1, 1), years=10, actor="t", now=now)

    call_command("index_words", stdout=StringIO())

    assert found(company, "dakgoten") == []
    assert not Invoice.objects.exclude(words=None).exists()
    assert found(company, "A-1") == ["A-1"], "its facts stay"
