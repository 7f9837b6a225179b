"""The page of one invoice, as its company and as its accounting office read it."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounting_offices import services as offices
from apps.accounting_offices.models import ClientLink
from apps.invoices.models import Invoice
from apps.invoices.payment_code import Transfer, payment_payload
from apps.invoices.services.intake import Received, Upload, receive_invoice
from apps.portal.qr import draw_qr
from tests.factories import registry
from tests.factories.ugly import foreign_document, long_document, rich_document
from tests.factories.wire import make_document, make_pdf
from tests.portal.test_pages import text_of
from tests.portal.world import World, invoice_address, invoice_reader, signed_in


@pytest.fixture
def send(world: World, now: datetime, run_reactions: Callable[[], int]) -> Callable[..., Invoice]:
    """Return what sends a document, lets it be judged and delivered, and returns its invoice."""

    def send_one(document: bytes, *, pdf: bytes | None = None, later: timedelta = timedelta()) -> Invoice:
        upload = Upload(company=world.company, software=world.paid.software, document=document, pdf=pdf)
        received: Received = receive_invoice(upload=upload, actor="t", now=now + later)
        run_reactions()
        return Invoice.objects.get(pk=received.invoice.pk)

    return send_one


def page_for(world: World, invoice: Invoice, reader: str = "company", query: str = "") -> str:
    answer = invoice_reader(world, reader).get(invoice_address(world, invoice, reader) + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("reader", ["company", "office"])
def test_both_readers_see_all_that_the_document_says(world: World, send: Callable[..., Invoice], reader: str) -> None:
    invoice = send(rich_document(world.company))

    text = text_of(page_for(world, invoice, reader))

    assert "Factuur 2026-0902" in text
    assert "Klant NV Laan 2 1000 Brussel 0101.000.160 Btw BE0101000160" in text
    assert "Onderhoud Afgekeurd: −5,00 10 h × 45,00 45,00 21 % 450,00" in text
    assert "Getrouwheid (Btw 21 %) −10,00 Milieubijdrage (Btw 21 %) 10,00" in text
    assert "Periode 1 okt 2026 – 31 okt 2026 Geleverd op 18 nov 2026 Bestelling PO-77 Contract RAAM-3" in text
    assert "Leveringsadres Werfstraat 9 9300 Aalst" in text
    assert "te betalen aan Factor NV" in text
    assert "Al betaald € −100,00" in text
    assert "Opmerking Werken uitgevoerd volgens offerte. Tweede paragraaf. Betalingsvoorwaarden 30 dagen" in text
    assert "Binnengekomen Robaws eerste keer 25 nov 2026, 10:30" in text


@pytest.mark.parametrize("reader", ["company", "office"])
def test_a_page_asks_the_database_little(
    world: World, send: Callable[..., Invoice], reader: str, django_assert_max_num_queries: Any
) -> None:
    send(make_document(world.company, number="2026-0117", price="900.00", pdf=make_pdf()), later=timedelta(hours=1))
    client = invoice_reader(world, reader)
    client.get(invoice_address(world, world.paid, reader))

    with django_assert_max_num_queries(12):
        client.get(invoice_address(world, world.paid, reader))


@pytest.mark.parametrize("reader", ["company", "office"])
def test_a_credit_note_and_its_invoice_lead_to_each_other(
    world: World, send: Callable[..., Invoice], reader: str
) -> None:
    note = send(make_document(world.company, number="C-1", credit_note=True, about="2026-0117"))

    assert f'href="{invoice_address(world, world.paid, reader)}"' in page_for(world, note, reader)
    assert f'href="{invoice_address(world, note, reader)}"' in page_for(world, world.paid, reader)


def test_two_thousand_lines_come_in_light_pages(world: World, send: Callable[..., Invoice]) -> None:
    invoice = send(long_document(world.company, lines=2_000))

    first = page_for(world, invoice)
    last = page_for(world, invoice, query="?lines=40")
    beyond = page_for(world, invoice, query="?lines=41")

    assert max(len(page.encode()) for page in (first, last)) < 100_000
    assert "Artikel 0001" in first
    assert "Artikel 0051" not in first
    assert 'href="?lines=2#lines"' in first
    assert "lijnen 1 tot 50 van 2000" in text_of(first)
    assert "Artikel 2000" in last
    assert 'rel="next"' not in last
    assert "Artikel 0001" in beyond


def test_an_odd_document_looks_right(world: World, send: Callable[..., Invoice]) -> None:
    invoice = send(foreign_document(world.company))

    page = page_for(world, invoice)
    text = text_of(page)

    assert "Verenigde Staten" in text
    assert "zonder btw-nummer" in text
    assert "lijn 2, zonder omschrijving −3 XYZ × 99,999 99,999 uitvoer −300,00" in text
    assert "$ 14.075,00" in text
    assert "qr mt-4" not in page


def test_an_open_invoice_has_the_code_of_its_transfer(world: World) -> None:
    page = page_for(world, world.open)

    payload = payment_payload(
        Transfer(
            name=world.company.name, iban="BE68539007547034", bic=None, amount=world.open.payable_amount,
            currency="EUR", structured=None, text="2026-0050",
        )
    )  # fmt: skip
    assert payload is not None
    assert f'<path d="{draw_qr(payload).path}"/>' in page
    assert 'aria-label="QR-code om met een bankapp € 1.210,00 over te schrijven' in page.replace("\u00a0", " ")


def test_what_is_paid_has_no_code_and_a_credit_note_neither(world: World, send: Callable[..., Invoice]) -> None:
    note = send(make_document(world.company, number="C-1", credit_note=True, reference=None))

    paid, credited = page_for(world, world.paid), page_for(world, note)

    assert "qr mt-4" not in paid
    assert "qr mt-4" not in credited
    assert "In het voordeel van de klant € 1.210,00" in text_of(credited)
    assert "Vervaldatum" not in text_of(credited)


def test_a_wrong_account_is_named_and_has_no_code(world: World, send: Callable[..., Invoice]) -> None:
    invoice = send(make_document(world.company, number="2026-0300", reference=None).replace(b"BE68539", b"BE69539"))

    page = page_for(world, invoice)

    assert "Dit is geen geldig IBAN" in text_of(page)
    assert "qr mt-4" not in page


def test_files_are_listed_by_what_they_are_and_handed_out_harmlessly(
    world: World, send: Callable[..., Invoice]
) -> None:
    invoice = send(rich_document(world.company, pdf=make_pdf()))
    client, address = signed_in(world.owner), invoice_address(world, invoice)

    text = text_of(page_for(world, invoice))
    pdf, table, program = (client.get(f"{address}files/{place}/") for place in (1, 2, 3))

    assert "f.pdf PDF" in text
    assert "metingen.txt Tekst" in text
    assert "viewer.bin Programma" in text
    assert "Dit is een programma. Voer het niet uit." in text
    assert "https://elsewhere.example/file.pdf Het document verwijst enkel naar dit adres." in text
    assert 'href="https://elsewhere.example' not in page_for(world, invoice)
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="f.pdf"'
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert table.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert program.headers["Content-Type"] == "application/octet-stream"
    for answer in (pdf, table, program):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get(f"{address}files/4/").status_code == 404


@pytest.mark.parametrize("reader", ["company", "office"])
def test_the_pdf_may_be_framed_by_our_page_alone_and_runs_nothing(world: World, reader: str) -> None:
    client = invoice_reader(world, reader)
    address = invoice_address(world, world.paid, reader)

    page, pdf, xml = client.get(address), client.get(f"{address}pdf/"), client.get(f"{address}xml/")

    assert f'<iframe class="paper__frame" src="{address}pdf/"' in page.content.decode()
    assert "Pdf van de afzender" in text_of(page.content.decode())
    assert pdf.content == make_pdf()
    assert pdf.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in pdf.headers["Content-Security-Policy"]
    assert pdf.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script" not in pdf.headers["Content-Security-Policy"]
    assert pdf.headers["Content-Disposition"] == 'inline; filename="2026-0117.pdf"'
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert xml.headers["Content-Disposition"] == 'attachment; filename="2026-0117.xml"'


def test_without_a_pdf_ours_is_shown_and_named_so(world: World) -> None:
    text = text_of(page_for(world, world.open))

    assert "Leesbare weergave" in text
    assert "Er kwam geen pdf mee: deze is gemaakt uit het document, dat het origineel blijft." in text


def test_a_pdf_that_acts_by_itself_is_only_handed_out(world: World, send: Callable[..., Invoice]) -> None:
    document = make_document(world.company, number="2026-0301", reference=None)
    invoice = send(document, pdf=make_pdf(runs="app.alert(1)"))
    client, address = signed_in(world.owner), invoice_address(world, invoice)

    page, pdf = page_for(world, invoice), client.get(f"{address}pdf/")

    assert "<iframe" not in page
    assert "Deze pdf bevat iets dat uit zichzelf handelt" in text_of(page)
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="2026-0301.pdf"'
    assert pdf.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_correction_shows_what_changed_in_words(world: World, send: Callable[..., Invoice]) -> None:
    signed_in(world.accountant).get(invoice_address(world, world.paid, "office"))
    corrected = make_document(world.company, number="2026-0117", price="900.00", customer="Klant en Zoon NV")
    invoice = send(corrected, later=timedelta(hours=2))
    client, address = signed_in(world.accountant), invoice_address(world, invoice, "office")

    text = text_of(page_for(world, invoice, "office"))

    assert invoice.version == 2
    assert "Versies versie 2 geldt Versie 2 aanvaard" in text
    assert "Klant was Klant NV nu Klant en Zoon NV" in text
    assert "Totaal was 1.210,00 nu 1.089,00 −121,00" in text
    assert "Btw 21 %, maatstaf was 1.000,00 nu 900,00 −100,00" in text
    assert "Lijn 1, prijs was 1.000,00 nu 900,00 −100,00" in text
    assert "nadat uw kantoor de factuur voor het eerst opende" in text
    assert client.get(f"{address}versions/2/xml/").content == corrected
    assert client.get(f"{address}versions/1/xml/").content != corrected
    assert client.get(f"{address}versions/1/pdf/").content == make_pdf()
    assert client.get(f"{address}versions/3/xml/").status_code == 404
    assert "nadat uw kantoor" not in text_of(page_for(world, invoice))


def test_the_changes_of_an_earlier_version_come_on_request(world: World, send: Callable[..., Invoice]) -> None:
    for hours, price in ((1, "900.00"), (2, "800.00")):
        document = make_document(world.company, number="2026-0117", price=price)
        invoice = send(document, later=timedelta(hours=hours))

    newest, asked = page_for(world, invoice), page_for(world, invoice, query="?changes=2")

    assert "Totaal was 1.089,00 nu 968,00" in text_of(newest)
    assert 'href="?changes=2#versions"' in newest
    assert "Totaal was 1.210,00 nu 1.089,00" in text_of(asked)
    assert "Totaal was 1.089,00 nu 968,00" not in text_of(asked)


def test_a_rejected_correction_leaves_the_former_version_in_force(world: World, send: Callable[..., Invoice]) -> None:
    document = make_document(world.company, number="2026-0117", price="900.00")
    invoice = send(document.replace(b"<cbc:PayableAmount", b"<cbc:Nothing/><cbc:PayableAmount"))

    text = text_of(page_for(world, invoice))

    assert invoice.version == 1
    assert "Opmerkingen bij versie 2" in text
    assert "Geweigerd: versie 1 bleef gelden." in text
    assert "Totaal € 1.210,00" in text


def test_each_arrival_is_told_by_software_and_instant(world: World, send: Callable[..., Invoice]) -> None:
    document = make_document(world.company, number="2026-0302", reference=None)
    send(document)
    invoice = send(document, later=timedelta(minutes=5))

    text = text_of(page_for(world, invoice))

    assert "Binnengekomen Robaws opnieuw hetzelfde 25 nov 2026, 10:35 Robaws eerste keer 25 nov 2026, 10:30" in text


def test_a_refused_document_says_why_and_what_to_do(world: World, send: Callable[..., Invoice]) -> None:
    document = make_document(world.company, number="2026-0303", reference=None)
    invoice = send(document.replace(b"<cbc:PayableAmount", b"<cbc:Nothing/><cbc:PayableAmount"))

    text = text_of(page_for(world, invoice))

    assert "Dit document werd geweigerd en bereikte uw boekhoudkantoor niet." in text
    assert "XSD" in text
    assert "Nog te betalen" not in text


def test_after_a_transfer_the_document_stays_with_the_office_of_its_day(
    world: World, now: datetime, send: Callable[..., Invoice]
) -> None:
    new = registry.make_office(now, name="Bureau Neuf")
    newcomer = registry.make_user("nieuw@kantoor.example")
    registry.make_member(now, newcomer, office=new)
    link = ClientLink.objects.get(company=world.company)
    offices.end_client_link(link_uuid=link.uuid, ends_on=date(2026, 11, 24), actor="t", now=now)
    offices.start_client_link(
        company_uuid=world.company.uuid, office_uuid=new.uuid, client_code="N", starts_on=date(2026, 11, 24),
        actor="t", now=now,
    )  # fmt: skip

    company, former = (text_of(page_for(world, world.paid, reader)) for reader in ("company", "office"))
    refused = signed_in(newcomer).get(f"/offices/{new.uuid}/invoices/{world.paid.uuid}/")

    assert (
        "Op 19 nov 2026 voerde Kantoor Peeters uw boekhouding: het document hoort daar, en blijft daar. "
        "Bureau Neuf, dat ze sinds 24 nov 2026 voert, ziet het hier niet." in company
    )
    assert "Op 19 nov 2026 voerde uw kantoor deze boekhouding: het document blijft bij u" in former
    assert refused.status_code == 404


def test_a_document_without_an_office_on_its_day_says_that_it_waits(world: World, send: Callable[..., Invoice]) -> None:
    ClientLink.objects.filter(company=world.company).update(starts_on=date(2026, 11, 1))
    invoice = send(make_document(world.company, number="2026-0304", reference=None, issue_date=date(2026, 10, 1)))

    text = text_of(page_for(world, invoice))

    assert "Dit document wacht: geen boekhoudkantoor op 1 okt 2026" in text
    assert "Wie nu aan zet is Uw boekhoudkantoor" in text
    assert "Vraag het kantoor om ons te melden sinds wanneer het uw boekhouding voert." in text


def test_another_company_and_another_office_do_not_find_it(world: World, now: datetime) -> None:
    other = registry.make_company(now, name="Anders BV", office=world.office)
    office = registry.make_office(now, name="Ander kantoor")
    registry.make_member(now, world.owner, company=other)
    registry.make_member(now, world.accountant, office=office)
    below = ("", "pdf/", "xml/", "files/1/", "versions/1/xml/", "versions/1/pdf/")

    answers = [
        signed_in(person).get(f"/{place}/invoices/{world.paid.uuid}/{path}").status_code
        for person, place in ((world.owner, f"companies/{other.uuid}"), (world.accountant, f"offices/{office.uuid}"))
        for path in below
    ]

    assert set(answers) == {404}


def test_findings_that_say_the_same_are_told_once(world: World, send: Callable[..., Invoice]) -> None:
    document = long_document(world.company, lines=60, number="2026-0305")
    invoice = send(re.sub(rb'unitCode="[A-Z0-9]+"', b'unitCode="QQQ"', document))

    text = text_of(page_for(world, invoice))

    assert re.search(r"en op nog \d+ plaatsen", text)


def test_a_list_row_leads_to_the_page(world: World) -> None:
    listed = signed_in(world.owner).get(f"/companies/{world.company.uuid}/invoices/").content.decode()

    assert f'href="{invoice_address(world, world.paid)}"' in listed


def test_amounts_and_days_are_written_as_the_reader_does(world: World) -> None:
    client = Client()
    client.force_login(world.owner)
    client.post("/language/", {"language": "fr", "next": "/"})

    text = text_of(client.get(invoice_address(world, world.open)).content.decode())

    assert "1 210,00 €" in text
    assert "1 sept. 2026" in text


def test_a_refused_version_does_not_hide_what_changed_in_the_one_in_force(
    world: World, send: Callable[..., Invoice]
) -> None:
    send(make_document(world.company, number="2026-0117", price="900.00"), later=timedelta(hours=1))
    refused = make_document(world.company, number="2026-0117", price="800.00")
    invoice = send(
        refused.replace(b"<cbc:PayableAmount", b"<cbc:Nothing/><cbc:PayableAmount"), later=timedelta(hours=2)
    )

    page = page_for(world, invoice)

    assert "Totaal was 1.210,00 nu 1.089,00" in text_of(page)
    assert 'href="?changes=3#versions"' in page
