"""Corrections: until the office booked the invoice or closed its books, and the same invoice by several softwares."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from apps.accounting_offices.books import ClosingDayAhead, close_books
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.blobs.selectors import read_bytes
from apps.companies.models import Company
from apps.events.models import Event
from apps.invoices.models import Arrival, Invoice, InvoiceVersion
from apps.invoices.services.bookings import book_invoices
from tests.factories import registry
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db
ISSUED = date(2026, 11, 19)


@pytest.fixture
def another(now: datetime, company: Company) -> Software:
    return Software.of(registry.connect(now, company, registry.make_software(now, slug="onfact")))


@pytest.fixture
def sent(company: Company, software: Software, run_reactions: Callable[[], int]) -> Invoice:
    software.upload(make_document(company))
    run_reactions()
    return Invoice.objects.get()


def close(office: AccountingOffice, company: Company, until: date | None, now: datetime) -> int:
    return close_books(office=office, company_ids=[company.pk], until=until, actor="user:els", now=now)


def names_of(invoice: Invoice) -> list[str]:
    return list(Event.objects.filter(subject_uuid=invoice.uuid).order_by("id").values_list("name", flat=True))


# The office has it in its books


def test_a_booked_invoice_is_not_corrected_and_the_bytes_are_kept(
    now: datetime, company: Company, software: Software, sent: Invoice
) -> None:
    book_invoices(invoice_ids=[sent.pk], actor="user:els", now=now)
    before = names_of(sent)
    correction = make_document(company, price="1100.00")

    answer = software.upload(correction)

    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "invoice_locked")
    assert (body["locked_by"], body["locked_at"]) == (
        sent.company.client_links.get().office.name,
        "2026-11-25T09:30:00Z",
    )
    assert "2026-11-25" in body["detail"]
    arrival = Arrival.objects.get(uuid=body["id"])
    assert (arrival.outcome, arrival.code, read_bytes(arrival.document)) == ("rejected", "invoice_locked", correction)
    assert InvoiceVersion.objects.count() == 1
    assert names_of(sent) == before


def test_the_same_bytes_of_a_booked_invoice_are_still_the_same_invoice(
    now: datetime, company: Company, software: Software, sent: Invoice
) -> None:
    book_invoices(invoice_ids=[sent.pk], actor="user:els", now=now)

    answer = software.upload(make_document(company))

    assert (answer.status_code, answer.json()["duplicate"]) == (200, True)


# The books of its day are closed


@pytest.mark.parametrize(("until", "status"), [(ISSUED, 409), (date(2026, 11, 18), 201)])
def test_an_invoice_in_closed_books_is_not_corrected(
    now: datetime,
    office: AccountingOffice,
    company: Company,
    software: Software,
    sent: Invoice,
    until: date,
    status: int,
) -> None:
    close(office, company, until, now)

    answer = software.upload(make_document(company, price="1100.00"))

    assert answer.status_code == status
    assert status == 201 or (answer.json()["code"], answer.json()["closed_until"]) == ("period_closed", "2026-11-19")
    assert InvoiceVersion.objects.count() == (2 if status == 201 else 1)


def test_a_correction_does_not_move_an_invoice_into_closed_books(
    now: datetime, office: AccountingOffice, company: Company, software: Software, sent: Invoice
) -> None:
    close(office, company, date(2026, 9, 30), now)

    answer = software.upload(make_document(company, issue_date=date(2026, 9, 20)))

    assert answer.json()["code"] == "period_closed"


def test_books_opened_again_take_the_correction_and_new_invoices_always_come_in(
    now: datetime, office: AccountingOffice, company: Company, software: Software, sent: Invoice
) -> None:
    close(office, company, ISSUED, now)

    new = software.upload(make_document(company, number="2026-0118"))
    close(office, company, None, now)
    corrected = software.upload(make_document(company, price="1100.00"))

    assert (new.status_code, corrected.status_code) == (201, 201)


def test_another_offices_closing_says_nothing_about_days_that_are_not_its_own(
    now: datetime, office: AccountingOffice, company: Company, software: Software, sent: Invoice
) -> None:
    stranger = registry.make_office(now, name="Kantoor Z")

    assert close(stranger, company, ISSUED, now) == 0
    assert software.upload(make_document(company, price="1100.00")).status_code == 201


def test_closing_twice_is_one_event_and_days_to_come_are_not_closed(
    now: datetime, office: AccountingOffice, company: Company
) -> None:
    assert [close(office, company, ISSUED, now), close(office, company, ISSUED, now)] == [1, 0]
    with pytest.raises(ClosingDayAhead):
        close(office, company, date(2026, 11, 25), now)

    link = ClientLink.objects.get(company=company)
    assert link.closed_until == ISSUED
    assert list(Event.objects.filter(subject_uuid=link.uuid, name__startswith="books.").values_list("payload")) == [
        ({"until": "2026-11-19"},)
    ]


# Booked or closed while the correction waited for its judgement


@pytest.mark.parametrize("code", ["invoice_locked", "period_closed"])
def test_what_the_office_did_while_a_correction_waited_stands(
    code: str,
    now: datetime,
    office: AccountingOffice,
    company: Company,
    software: Software,
    sent: Invoice,
    run_reactions: Callable[[], int],
) -> None:
    assert software.upload(make_document(company, price="1100.00")).status_code == 201
    if code == "invoice_locked":
        book_invoices(invoice_ids=[sent.pk], actor="user:els", now=now)
    else:
        close(office, company, ISSUED, now)

    run_reactions()

    sent.refresh_from_db()
    newest = InvoiceVersion.objects.latest("version")
    assert (sent.version, str(sent.total_amount), sent.state) == (1, "1210.00", "accepted")
    assert (newest.state, [finding.code for finding in newest.findings.filter(severity="fatal")]) == (
        "rejected",
        [code],
    )
    assert names_of(sent)[-1] == "invoice.correction_rejected"


# What a correction means for the books


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"price": "1100.00"}, True), ({"customer": "Andere NV"}, False), ({"reference": None}, False)],
)
def test_a_changed_amount_asks_for_a_credit_note(
    change: dict[str, str | None],
    expected: bool,
    company: Company,
    software: Software,
    sent: Invoice,
    run_reactions: Callable[[], int],
) -> None:
    software.upload(make_document(company, **change))  # type: ignore[arg-type]
    run_reactions()

    answer = software.get(f"sales-invoices/{sent.uuid}/").json()
    found = [finding for finding in answer["findings"] if finding["code"] == "credit_note_expected"]
    assert answer["version"] == 2
    assert [(finding["severity"], finding["layer"]) for finding in found] == (
        [("warning", "house")] if expected else []
    )


def test_another_buyer_asks_for_a_credit_note(
    company: Company, software: Software, sent: Invoice, run_reactions: Callable[[], int]
) -> None:
    document = make_document(company).replace(b"0101000160", b"0101000259").replace(b"Klant NV", b"Andere NV")
    software.upload(document)
    run_reactions()

    codes = InvoiceVersion.objects.latest("version").findings.values_list("code", flat=True)
    assert "credit_note_expected" in codes


# The same invoice by several softwares


def test_another_software_that_sends_the_same_invoice_adds_an_arrival(
    company: Company, another: Software, sent: Invoice, run_reactions: Callable[[], int]
) -> None:
    answer = another.upload(make_document(company, reference=None).replace(b"Herstelling", b"Reparatie"))
    run_reactions()

    assert (answer.status_code, answer.json()["id"], answer.json()["duplicate"]) == (200, str(sent.uuid), True)
    assert list(Arrival.objects.order_by("id").values_list("software__slug", "outcome")) == [
        ("robaws", "first"), ("onfact", "duplicate"),
    ]  # fmt: skip
    assert InvoiceVersion.objects.count() == 1


@pytest.mark.parametrize("change", [{"price": "1100.00"}, {"issue_date": date(2026, 11, 18)}])
def test_another_software_with_another_day_or_total_sends_a_correction(
    change: dict[str, str], company: Company, another: Software, sent: Invoice
) -> None:
    answer = another.upload(make_document(company, **change))  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["version"]) == (201, 2)


def test_the_software_that_sent_it_corrects_a_word(company: Company, software: Software, sent: Invoice) -> None:
    answer = software.upload(make_document(company).replace(b"Herstelling", b"Reparatie"))

    assert (answer.status_code, answer.json()["version"]) == (201, 2)
