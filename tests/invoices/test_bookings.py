"""An office marks what it received as booked, and the software sees it."""

from datetime import datetime

import pytest

from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.invoices.services.bookings import RefusedByOffice, book_invoices
from tests.factories import registry
from tests.factories.wire import Software, make_document


@pytest.mark.django_db
def test_the_software_sees_that_its_invoice_was_booked(now: datetime) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    software = Software.of(registry.connect(now, company, registry.make_software(now)))
    software.upload(make_document(company, number="2026-0117"))
    invoice = Invoice.objects.get()

    assert book_invoices(invoice_ids=[invoice.pk], actor="user:1", now=now) == 1
    assert book_invoices(invoice_ids=[invoice.pk], actor="user:1", now=now) == 0

    body = software.get(f"sales-invoices/{invoice.uuid}/").json()
    assert body["office_state"] == "booked"
    assert [(step["event"], step["actor"]) for step in body["timeline"]][-1] == ("booked", "user")
    assert Event.objects.filter(name="invoice.booked").count() == 1


@pytest.mark.django_db
def test_what_the_office_refused_is_not_booked_and_leaves_no_trace(now: datetime) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    software = Software.of(registry.connect(now, company, registry.make_software(now)))
    software.upload(make_document(company, number="2026-0117"))
    Invoice.objects.update(office_state="refused")

    with pytest.raises(RefusedByOffice):
        book_invoices(invoice_ids=[Invoice.objects.get().pk], actor="user:1", now=now)

    assert Invoice.objects.get().office_state == "refused"
    assert not Event.objects.filter(name="invoice.booked").exists()
