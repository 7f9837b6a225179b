from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection

from apps.blobs.selectors import read_bytes
from apps.events.models import Event
from apps.invoices.models import Arrival, Invoice, InvoiceVersion
from apps.invoices.rules import ArrivalOutcome
from apps.invoices.services.intake import InvoiceRefused, Received, Upload, receive_invoice
from tests.factories import registry
from tests.factories.wire import make_document
from tests.invoices.checks.judging import attack_pdf

pytestmark = pytest.mark.django_db
NO_SCHEMA = (b"<cbc:InvoiceTypeCode>", b"<cbc:Unheard>1</cbc:Unheard><cbc:InvoiceTypeCode>")


@pytest.fixture
def sender(now: datetime) -> registry.Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    return registry.connect(now, company, registry.make_software(now))


def send(sender: registry.Connected, document: bytes, now: datetime, *, pdf: bytes | None = None) -> Received:
    upload = Upload(company=sender.company, software=sender.software, document=document, pdf=pdf)
    return receive_invoice(upload=upload, actor="software:robaws", now=now)


def test_a_new_document_is_received_then_accepted_with_its_facts(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    received = send(sender, make_document(sender.company), now)
    run_reactions()

    invoice = Invoice.objects.get()
    assert received.outcome is ArrivalOutcome.FIRST
    assert (invoice.state, invoice.payment_state, invoice.version) == ("accepted", "open", 1)
    assert (invoice.number, str(invoice.total_amount), invoice.currency) == ("2026-0117", "1210.00", "EUR")
    assert (invoice.customer_name, invoice.structured_communication) == ("Klant NV", "090933755493")
    assert list(Event.objects.filter(subject_uuid=invoice.uuid).order_by("id").values_list("name", flat=True)) == [
        "invoice.received", "invoice.accepted", "invoice.delivered", "invoice.delivered",
    ]  # fmt: skip


def test_the_same_bytes_are_one_invoice_with_two_arrivals(now: datetime, sender: registry.Connected) -> None:
    document = make_document(sender.company)

    first, second = send(sender, document, now), send(sender, document, now)

    assert second.outcome is ArrivalOutcome.DUPLICATE
    assert first.invoice == second.invoice
    assert list(Arrival.objects.values_list("outcome", flat=True)) == ["first", "duplicate"]
    assert InvoiceVersion.objects.count() == 1


def test_another_attachment_alone_is_an_arrival_and_no_correction(now: datetime, sender: registry.Connected) -> None:
    send(sender, make_document(sender.company), now)

    again = send(sender, make_document(sender.company, pdf=b"%PDF-1.4 another"), now)

    assert again.outcome is ArrivalOutcome.DUPLICATE


def test_other_content_under_the_same_number_is_a_correction_that_takes_effect_when_accepted(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    first = send(sender, make_document(sender.company), now)
    run_reactions()

    corrected = send(sender, make_document(sender.company, price="1100.00"), now)
    before = Invoice.objects.get()
    run_reactions()
    after = Invoice.objects.get()

    assert (corrected.outcome, corrected.version) == (ArrivalOutcome.CORRECTION, 2)
    assert corrected.invoice == first.invoice
    assert (before.version, str(before.total_amount)) == (1, "1210.00")
    assert (after.version, str(after.total_amount)) == (2, "1331.00")


def test_a_correction_that_breaks_the_schema_leaves_the_former_version_in_force(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    send(sender, make_document(sender.company), now)
    run_reactions()

    send(sender, make_document(sender.company, price="1100.00").replace(*NO_SCHEMA), now)
    run_reactions()

    invoice = Invoice.objects.get()
    assert (invoice.state, invoice.version, str(invoice.total_amount)) == ("accepted", 1, "1210.00")
    assert list(InvoiceVersion.objects.order_by("version").values_list("state", flat=True)) == ["accepted", "rejected"]


def test_a_document_that_breaks_the_schema_is_rejected_and_frees_its_number(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    broken = make_document(sender.company).replace(*NO_SCHEMA)

    first = send(sender, broken, now)
    run_reactions()
    again = send(sender, broken, now)
    run_reactions()
    good = send(sender, make_document(sender.company), now)
    run_reactions()

    assert first.invoice != again.invoice
    states = list(Invoice.objects.order_by("id").values_list("state", flat=True))
    assert states == ["rejected", "rejected", "accepted"]
    assert good.outcome is ArrivalOutcome.FIRST
    finding = InvoiceVersion.objects.earliest("id").findings.get()
    assert (finding.code, finding.severity, finding.layer) == ("XSD", "fatal", "schema")


@pytest.mark.parametrize("second_is_broken", [False, True])
def test_a_correction_sent_before_the_first_was_rejected_still_counts(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int], *, second_is_broken: bool
) -> None:
    send(sender, make_document(sender.company).replace(*NO_SCHEMA), now)
    second = make_document(sender.company, price="1100.00")
    send(sender, second.replace(*NO_SCHEMA) if second_is_broken else second, now)

    run_reactions()

    invoice = Invoice.objects.get()
    states = list(InvoiceVersion.objects.order_by("version").values_list("state", flat=True))
    names = set(Event.objects.filter(subject_uuid=invoice.uuid).values_list("name", flat=True))
    if second_is_broken:
        assert (invoice.state, states) == ("rejected", ["rejected", "rejected"])
        assert "invoice.rejected" in names
    else:
        assert (invoice.state, invoice.version, str(invoice.total_amount)) == ("accepted", 2, "1331.00")
        assert states == ["rejected", "accepted"]
        assert {"invoice.accepted", "invoice.delivered"} <= names
        assert "invoice.rejected" not in names


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "file_empty"),
        (b"this is not xml", "xml_malformed"),
        (b"<html/>", "not_ubl"),
        (b'<!DOCTYPE Invoice [<!ENTITY a "b">]><Invoice>&a;</Invoice>', "xml_doctype"),
    ],
)
def test_what_is_no_document_is_refused_and_its_bytes_are_kept(
    now: datetime, sender: registry.Connected, document: bytes, code: str
) -> None:
    with pytest.raises(InvoiceRefused) as refused:
        send(sender, document, now)

    arrival = Arrival.objects.get()
    assert refused.value.code == arrival.code == code
    assert (arrival.outcome, arrival.uuid) == ("rejected", refused.value.arrival_uuid)
    assert read_bytes(arrival.document) == document
    assert not Invoice.objects.exists()


def test_another_suppliers_document_is_refused(now: datetime, sender: registry.Connected) -> None:
    other = registry.make_company(now)

    with pytest.raises(InvoiceRefused) as refused:
        send(sender, make_document(other), now)

    assert refused.value.code == "supplier_mismatch"


def test_a_former_number_is_the_companys_own_on_documents_before_the_change(
    now: datetime, sender: registry.Connected
) -> None:
    former = registry.make_company(now)
    sender.company.further_numbers.create(
        number=former.enterprise_number,
        kind="former",
        valid_until=datetime(2026, 11, 20).date(),  # noqa: DTZ001
    )

    assert send(sender, make_document(former), now).outcome is ArrivalOutcome.FIRST
    with pytest.raises(InvoiceRefused):
        send(sender, make_document(former, number="2", issue_date=datetime(2026, 11, 20).date()), now)  # noqa: DTZ001


def test_a_pdf_part_that_is_none_is_refused(now: datetime, sender: registry.Connected) -> None:
    with pytest.raises(InvoiceRefused) as refused:
        send(sender, make_document(sender.company), now, pdf=b"<html>")

    assert refused.value.code == "pdf_unreadable"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoices_invoiceversion SET document_id = (SELECT max(id) FROM blobs_blob)",
        "UPDATE invoices_invoiceversion SET total_amount = total_amount + 1",
        "DELETE FROM invoices_invoiceversion",
        "UPDATE invoices_arrival SET received_at = now()",
        "DELETE FROM invoices_arrival",
    ],
)
def test_what_was_received_is_never_changed_or_deleted(
    now: datetime, sender: registry.Connected, refused: Callable[[str], None], statement: str
) -> None:
    send(sender, make_document(sender.company), now)
    send(sender, make_document(sender.company, number="2026-0118"), now)

    refused(statement)

    assert (InvoiceVersion.objects.count(), Arrival.objects.count()) == (2, 2)


def test_a_credit_note_and_an_invoice_may_share_a_number(now: datetime, sender: registry.Connected) -> None:
    send(sender, make_document(sender.company), now)

    credit_note = send(sender, make_document(sender.company, credit_note=True), now)

    assert credit_note.outcome is ArrivalOutcome.FIRST
    assert credit_note.invoice.total_amount > 0


def test_an_invoice_with_nothing_to_pay_is_settled_at_once(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    send(sender, make_document(sender.company, price="0.00"), now)
    run_reactions()

    assert Invoice.objects.get().payment_state == "settled"


@pytest.mark.django_db(transaction=True)
def test_simultaneous_uploads_of_one_number_are_one_invoice(now: datetime, sender: registry.Connected) -> None:
    document = make_document(sender.company)

    def send_once(_number: int) -> ArrivalOutcome:
        try:
            return send(sender, document, now).outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(send_once, range(8)))

    assert outcomes.count(ArrivalOutcome.FIRST) == 1
    assert outcomes.count(ArrivalOutcome.DUPLICATE) == 7
    assert Invoice.objects.count() == 1
    assert Arrival.objects.count() == 8


def test_a_broken_official_rule_rejects_is_kept_with_its_place_and_the_number_can_be_sent_again(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    wrong = make_document(sender.company).replace(b">1210.00<", b">1210.01<")

    send(sender, wrong, now)
    run_reactions()
    send(sender, make_document(sender.company), now)
    run_reactions()

    rejected, accepted = Invoice.objects.order_by("id")
    assert (rejected.state, accepted.state, rejected.number) == ("rejected", "accepted", accepted.number)
    version = rejected.versions.get()
    assert read_bytes(version.document) == wrong
    found = version.findings.order_by("id").values_list("code", "severity", "layer", "location")
    assert ("BR-CO-15", "fatal", "en16931", "/Invoice (line 2)") in found
    assert Event.objects.filter(subject_uuid=rejected.uuid, name="invoice.rejected").count() == 1
    assert not Event.objects.filter(subject_uuid=rejected.uuid, name="invoice.accepted").exists()


def test_a_warning_is_kept_and_rejects_nothing(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    send(sender, make_document(sender.company, issue_date=now.date() + timedelta(days=1)), now)
    run_reactions()

    finding = InvoiceVersion.objects.get().findings.get(severity="warning")
    assert Invoice.objects.get().state == "accepted"
    assert (finding.code, finding.severity, finding.layer) == ("issue_date_in_future", "warning", "house")
    assert finding.params == {"date": "2026-11-26", "today": "2026-11-25"}
    assert "2026-11-26" in finding.message


def test_a_pdf_that_asks_for_a_password_is_rejected_by_the_worker(
    now: datetime, sender: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    send(sender, make_document(sender.company), now, pdf=attack_pdf("encrypted_user_pw.pdf"))
    run_reactions()

    assert Invoice.objects.get().state == "rejected"
    finding = InvoiceVersion.objects.get().findings.get()
    assert (finding.code, finding.layer, finding.params) == ("pdf_unreadable", "pdf", {"reason": "password"})


def test_a_self_billed_document_is_the_suppliers_to_send(now: datetime, sender: registry.Connected) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    buyer = registry.connect(now, company, registry.make_software(now, slug="odoo"))
    document = make_document(sender.company).replace(b">380<", b">389<")
    document = document.replace(b"0101000160", buyer.company.enterprise_number.encode())

    with pytest.raises(InvoiceRefused) as refused:
        send(buyer, document, now)

    assert refused.value.code == "self_billed_by_customer"
    assert send(sender, document, now).outcome is ArrivalOutcome.FIRST
