"""Ten years of keeping, legal holds, and what is left after the purge."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from apps.blobs.models import Blob
from apps.blobs.selectors import BlobPurged, read_bytes
from apps.blobs.services import scrubbing, store_bytes
from apps.blobs.storage import BytesMissing, get_storage
from apps.companies import holds
from apps.companies.merging.services import merge_companies
from apps.companies.models import Company, LegalHold
from apps.events.models import Event
from apps.invoices.models import Arrival, Invoice, InvoiceHold, InvoiceVersion
from apps.invoices.selectors import read_document
from apps.invoices.services import retention
from apps.invoices.services.holds import hold_invoice
from apps.invoices.services.retention import Purged
from tests.factories import registry
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db
LAST_DAY, FIRST_DAY = date(2036, 12, 31), date(2037, 1, 1)


@pytest.fixture
def connected(now: datetime) -> registry.Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    return registry.connect(now, company, registry.make_software(now))


@pytest.fixture
def old(connected: registry.Connected, run_reactions: Callable[[], int]) -> Invoice:
    """Return an accepted invoice of 2026 with a PDF beside it and a second arrival."""
    software = Software.of(connected)
    document = make_document(connected.company)
    for _ in range(2):
        software.upload(document)
    run_reactions()
    return Invoice.objects.get()


def purge(now: datetime, today: date = FIRST_DAY) -> Purged:
    """Purge on a day, at an instant."""
    return retention.purge_expired(today=today, years=10, actor="t", now=now)


def is_stored(blob: Blob) -> bool:
    try:
        return bool(list(get_storage().read(blob.sha256)))
    except BytesMissing:
        return False


def test_an_invoice_is_kept_until_ten_years_after_the_end_of_its_year(now: datetime, old: Invoice) -> None:
    assert retention.count_expired(today=LAST_DAY, years=10) == Purged(0, 0)
    assert purge(now, LAST_DAY) == Purged(0, 0)
    assert retention.count_expired(today=FIRST_DAY, years=10) == Purged(1, 0)
    assert retention.count_expired(today=FIRST_DAY, years=11) == Purged(0, 0)
    assert read_document(old)


def test_the_papers_are_refused_at_once_and_gone_with_a_run_an_hour_later_while_the_facts_stay(
    now: datetime, old: Invoice
) -> None:
    blob = old.versions.get().document
    facts = {**Invoice.objects.values().get(), "words": None}

    assert purge(now) == Purged(1, 0)
    with pytest.raises(BlobPurged):
        read_document(old)
    assert is_stored(blob)
    assert purge(now + timedelta(minutes=59)) == Purged(0, 0)
    assert purge(now + timedelta(minutes=61)) == Purged(0, 0, 1, blob.size)

    assert not is_stored(blob)
    assert Invoice.objects.values().get() == facts
    assert Arrival.objects.exclude(purged_at=None).count() == 2
    assert Event.objects.filter(name="invoice.purged", subject_uuid=old.uuid).count() == 1
    assert list(scrubbing.scrub()) == [], "what was purged is not missing"


def test_bytes_that_something_else_needs_stay(now: datetime, old: Invoice) -> None:
    blob = old.versions.get().document
    other = registry.make_company(now)
    holds.place_hold(company_uuid=other.uuid, reason="Dispute", actor="t", now=now)
    Arrival.objects.create(
        company=other, software=old.software, document=blob, outcome="rejected", code="not_ubl", received_at=now
    )

    assert purge(now) == Purged(1, 0)
    assert purge(now + timedelta(hours=2)) == Purged(0, 0)

    assert read_bytes(Blob.objects.get(pk=blob.pk))


def test_bytes_sent_again_after_their_release_are_kept(now: datetime, old: Invoice) -> None:
    blob = old.versions.get().document
    content = read_bytes(blob)
    purge(now)

    again = store_bytes(content, now=now)
    Arrival.objects.create(
        company=old.company, software=old.software, document=again, outcome="rejected", code="not_ubl",
        received_at=datetime(2036, 1, 1, tzinfo=now.tzinfo),
    )  # fmt: skip
    assert purge(now + timedelta(hours=2)) == Purged(0, 0)
    assert read_bytes(again) == content

    Blob.objects.update(released_at=now)
    assert purge(now + timedelta(hours=2)) == Purged(0, 0)
    assert Blob.objects.get().released_at is None, "taken back: something needs it"


def test_bytes_sent_again_after_their_removal_are_stored_anew(now: datetime, old: Invoice) -> None:
    blob = old.versions.get().document
    content = read_bytes(blob)
    purge(now)
    purge(now + timedelta(hours=2))

    again = store_bytes(content, now=now)

    assert again.pk == blob.pk
    assert read_bytes(again) == content


def test_refused_uploads_are_purged_by_the_year_they_came_in(now: datetime, connected: registry.Connected) -> None:
    assert Software.of(connected).upload(b"<no-invoice/>").status_code == 400

    assert purge(now, LAST_DAY) == Purged(0, 0)
    assert purge(now) == Purged(0, 1)
    assert purge(now + timedelta(hours=2)).blobs == 1


def test_a_legal_hold_keeps_everything_until_it_is_lifted(now: datetime, old: Invoice) -> None:
    place: dict[str, Any] = {"company_uuid": old.company.uuid, "actor": "staff:1", "now": now}
    hold = holds.place_hold(reason=" Dispute 2036/17 ", **place)
    assert holds.place_hold(reason="another", **place) == hold

    assert purge(now) == Purged(0, 0)
    assert read_document(old)
    holds.lift_hold(**place)
    assert purge(now) == Purged(1, 0)

    assert (hold.reason, LegalHold.objects.get().lifted_at) == ("Dispute 2036/17", now)
    told = Event.objects.filter(subject_uuid=old.company.uuid, name__startswith="company.hold_")
    assert list(told.order_by("id").values_list("name", "actor")) == [
        ("company.hold_placed", "staff:1"),
        ("company.hold_lifted", "staff:1"),
    ]


def test_a_hold_wants_a_reason_and_only_a_hold_can_be_lifted(now: datetime, old: Invoice) -> None:
    before = Event.objects.count()

    with pytest.raises(holds.HoldReasonMissing):
        holds.place_hold(company_uuid=old.company.uuid, reason="  ", actor="t", now=now)
    with pytest.raises(holds.NoLegalHold):
        holds.lift_hold(company_uuid=old.company.uuid, actor="t", now=now)

    assert not LegalHold.objects.exists()
    assert Event.objects.count() == before


def test_a_hold_moves_with_a_merge(now: datetime, old: Invoice) -> None:
    holds.place_hold(company_uuid=old.company.uuid, reason="Dispute", actor="t", now=now)
    survivor = registry.make_company(now)

    merge_companies(
        surviving_uuid=survivor.uuid, absorbed_uuid=old.company.uuid, valid_until=now.date(), actor="t", now=now
    )

    assert LegalHold.objects.get().company == survivor
    assert purge(now) == Purged(0, 0)


def test_the_command_counts_and_purges_only_when_it_is_meant(old: Invoice) -> None:
    def run(*arguments: str) -> dict[str, Any]:
        said = StringIO()
        call_command("purge_expired", "--json", *arguments, stdout=said)
        return dict(json.loads(said.getvalue()))

    with time_machine.travel(datetime(2037, 1, 2, 12, tzinfo=UTC)):
        counted = {
            "dry_run": True, "first_year_kept": 2027, "invoices": 1, "refused_uploads": 0, "blobs": 0, "bytes": 0
        }  # fmt: skip
        assert run() == run() == counted
        assert InvoiceVersion.objects.filter(purged_at=None).exists()
        assert run("--for-real") == counted | {"dry_run": False}
        assert run()["invoices"] == 0


def test_a_purged_document_is_410_on_the_wire_and_a_sentence_on_the_page(
    now: datetime, old: Invoice, connected: registry.Connected, client: Client
) -> None:
    purge(now)

    software = Software.of(connected)
    read = software.get(f"sales-invoices/{old.uuid}/")
    again = software.upload(make_document(connected.company, price="999.00"))

    assert (read.status_code, read.json()["timeline"][-1]["event"]) == (200, "purged")
    assert (again.status_code, again.json()["code"]) == (410, "document_purged")
    office = old.office
    assert office
    reader = registry.make_user("els@example.be", language="en")
    registry.make_member(now, reader, office=office)
    client.force_login(reader)
    page = client.get(reverse("portal:office-invoice-pdf", args=[office.uuid, old.uuid]))
    assert page.status_code == 410
    assert "The legal time of keeping this document is over" in page.content.decode()


def test_a_page_that_finds_the_storage_away_says_so(now: datetime, old: Invoice, client: Client, settings: Any) -> None:
    settings.BLOB_BUCKET = {
        "bucket": "papers", "endpoint": "http://127.0.0.1:1", "region": "x", "access_key_id": "x",
        "secret_access_key": "x", "timeout_seconds": 1,
    }  # fmt: skip
    office = old.office
    assert office
    reader = registry.make_user("els@example.be", language="en")
    registry.make_member(now, reader, office=office)
    client.force_login(reader)

    page = client.get(reverse("portal:office-invoice-xml", args=[office.uuid, old.uuid]))

    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")


def test_staff_place_and_lift_a_hold_in_the_back_office(old: Invoice) -> None:
    staff = Client(headers={"accept-language": "en"})
    staff.force_login(registry.make_user("staff@example.be", is_staff=True, language="en"))

    def act(action: str, reason: str = "") -> str:
        rows = {"action": action, "_selected_action": [old.company.pk], "reason": reason}
        page = staff.post(reverse("admin:companies_company_changelist"), rows, follow=True).content.decode()
        return " ".join(re.findall(r'<li class="(?:success|error)">(.*?)</li>', page))

    assert "Give the reason of the legal hold." in act("place_hold")
    assert "Legal hold placed: 1" in act("place_hold", "Dispute 2036/17")
    assert (
        "Dispute 2036/17"
        in staff.get(reverse("admin:companies_company_change", args=[old.company.pk])).content.decode()
    )
    assert "Legal hold lifted: 1" in act("lift_hold")
    assert Company.objects.filter(legal_holds__lifted_at=None, legal_holds__isnull=False).count() == 0


def test_staff_hold_one_invoice_until_they_lift_it(now: datetime, old: Invoice) -> None:
    staff = registry.make_user("staff@example.be", is_staff=True)
    browser, address = Client(), reverse("admin:invoices_invoice_changelist")
    browser.force_login(staff)

    def act(action: str, **fields: str) -> str:
        form = {"action": action, "_selected_action": [old.pk], **fields}
        return browser.post(address, form, follow=True).content.decode()

    assert "Geef de reden" in act("place_hold")
    assert not InvoiceHold.objects.exists()
    for reason in (" Dispute 2036/17 ", "another"):
        act("place_hold", reason=reason)
    assert InvoiceHold.objects.get().reason == "Dispute 2036/17"
    assert retention.count_expired(today=FIRST_DAY, years=10) == Purged(0, 0)
    assert purge(now) == Purged(0, 0)
    shown = browser.get(reverse("admin:invoices_invoice_change", args=[old.pk])).content.decode()
    assert "Dispute 2036/17" in shown

    act("lift_hold")
    assert "geldt geen bewaarplicht" in act("lift_hold")
    assert purge(now).invoices == 1
    told = Event.objects.filter(subject_uuid=old.uuid, name__startswith="invoice.hold_").order_by("id")
    assert [(event.name, event.actor) for event in told] == [
        ("invoice.hold_placed", f"staff:{staff.pk}"),
        ("invoice.hold_lifted", f"staff:{staff.pk}"),
    ]


def test_a_held_invoice_keeps_no_other_one(now: datetime, old: Invoice, connected: registry.Connected) -> None:
    hold_invoice(invoice_uuid=old.uuid, reason="Dispute", actor="staff:1", now=now)
    Software.of(connected).upload(make_document(connected.company, number="2026-0118", reference=None))

    assert purge(now).invoices == 1
    assert read_document(old)
