"""Chosen invoices, or all that the filters find: as one ZIP, and delivered again."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from apps.delivery.archives import MANIFEST
from apps.delivery.models import Delivery, FeedEntry, Redelivery
from apps.delivery.redelivering import NothingDelivered, deliver_again, times_asked
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.invoices.selectors import read_document
from apps.jobs.models import Job
from apps.portal.lists import bulk
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import World, signed_in

LISTS = ["invoices.csv", "invoices.xlsx", MANIFEST]


def inbox(world: World, query: str = "") -> str:
    return f"/offices/{world.office.uuid}/inbox/{query}"


def own_list(world: World, query: str = "") -> str:
    return f"/companies/{world.company.uuid}/invoices/{query}"


def zip_of(answer: Any) -> zipfile.ZipFile:
    assert answer.headers["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    return archive


def test_an_office_downloads_what_it_chose_byte_for_byte(world: World) -> None:
    answer = signed_in(world.accountant).post(inbox(world), {"action": "zip", "chosen": [world.paid.uuid]})

    archive = zip_of(answer)
    assert archive.namelist() == ["C1/2026/2026-0117_v1.xml", "C1/2026/2026-0117_v1.pdf", *LISTS]
    assert archive.read("C1/2026/2026-0117_v1.xml") == read_document(world.paid)
    assert archive.read("C1/2026/2026-0117_v1.pdf").startswith(b"%PDF-")
    world.paid.refresh_from_db()
    world.open.refresh_from_db()
    assert world.paid.opened_at is not None, "what was downloaded was fetched"
    assert world.open.opened_at is None


@pytest.mark.parametrize(("query", "numbers"), [("", {"2026-0117", "2026-0050"}), ("?q=0050", {"2026-0050"})])
def test_everything_that_the_filters_find(world: World, query: str, numbers: set[str]) -> None:
    for who, address in ((world.accountant, inbox(world, query)), (world.owner, own_list(world, query))):
        names = zip_of(signed_in(who).post(address, {"all": "zip"})).namelist()

        assert {name.split("/")[2].partition("_")[0] for name in names if name not in LISTS} == numbers


def large(world: World, who: str) -> str:
    of = f"offices/{world.office.uuid}" if who == "accountant" else f"companies/{world.company.uuid}"
    return f"/{of}/large-selections/"


@pytest.mark.parametrize("who", ["owner", "accountant"])
def test_more_than_is_done_at_once_is_prepared_shown_and_downloaded(
    world: World, monkeypatch: pytest.MonkeyPatch, run_reactions: Callable[[], int], who: str
) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    browser = signed_in(getattr(world, who))

    page = browser.post(inbox(world) if who == "accountant" else own_list(world), {"all": "zip"}, follow=True)
    text = text_of(page.content.decode())
    assert "ZIP van 2 facturen" in text
    assert "begint zo" in text.lower()
    assert 'hx-trigger="every 2s"' in page.content.decode()
    archive_url = f"{large(world, who)}{Job.objects.get().uuid}/archive.zip"
    assert browser.get(archive_url).status_code == 302, "not ready"
    run_reactions()

    ready = browser.get(f"{large(world, who)}progress/").content.decode()
    assert archive_url in ready
    assert "every 2s" not in ready
    answer: Any = browser.get(archive_url)
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Length"] == str(len(content))
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert len(archive.namelist()) == 7
    assert Invoice.objects.exclude(opened_at=None).count() == (2 if who == "accountant" else 0)

    browser.post(large(world, who), {"action": "remove", "job": Job.objects.get().uuid, "kind": "invoice_bundle"})
    assert "verwijderd" in text_of(browser.get(large(world, who)).content.decode())
    assert browser.get(archive_url).status_code == 302, "removed"


def test_a_large_redelivery_is_stopped_by_its_own_people_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    page = signed_in(world.owner).post(own_list(world), {"all": "again"}, follow=True)
    assert "2 facturen opnieuw" in text_of(page.content.decode())
    job = Job.objects.get()
    stop = {"action": "stop", "job": job.uuid, "kind": "invoice_redelivery"}

    assert signed_in(world.accountant).post(large(world, "accountant"), stop).status_code == 404
    assert signed_in(world.accountant).get(f"{large(world, 'accountant')}{job.uuid}/archive.zip").status_code == 404
    job.refresh_from_db()
    assert job.state == "queued"
    assert signed_in(world.owner).post(large(world, "owner"), stop).status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"


@pytest.mark.parametrize("is_large", [False, True])
def test_staff_have_a_selection_delivered_again(
    world: World, monkeypatch: pytest.MonkeyPatch, run_reactions: Callable[[], int], is_large: bool
) -> None:
    monkeypatch.setattr("apps.delivery.admin.BATCH", 1 if is_large else 500)
    staff = registry.make_user("staff@example.be", is_staff=True)
    chosen = list(Delivery.objects.values_list("pk", flat=True))

    page = signed_in(staff).post(
        "/admin/delivery/delivery/", {"action": "deliver_again", "_selected_action": chosen}, follow=True
    )
    run_reactions()

    assert page.status_code == 200
    assert Job.objects.filter(kind="invoice_redelivery", state="done").count() == is_large
    assert Redelivery.objects.filter(requested_by=f"staff:{staff.pk}").count() == 2


@pytest.mark.parametrize("form", [{"all": "book"}, {"all": "x"}, {"action": "x"}, {}])
def test_what_a_list_does_not_do_changes_nothing(world: World, form: dict[str, str]) -> None:
    page = signed_in(world.accountant).post(inbox(world), form)

    assert page.status_code == 302
    assert not Invoice.objects.filter(office_state="booked").exists()


def test_a_company_downloads_only_its_own(world: World, now: datetime) -> None:
    other = registry.make_company(now, name="Andere BV")
    registry.make_member(now, world.stranger, company=other)

    page = signed_in(world.stranger).post(
        f"/companies/{other.uuid}/invoices/", {"action": "zip", "chosen": [world.paid.uuid]}, follow=True
    )

    assert "staat niet meer in deze lijst" in text_of(page.content.decode())


@pytest.mark.parametrize("who", ["owner", "accountant"])
def test_delivering_again_is_listed_counted_and_logged(world: World, who: str) -> None:
    person = getattr(world, who)
    address = own_list(world) if who == "owner" else inbox(world)

    for _ in range(2):
        page = signed_in(person).post(address, {"action": "again", "chosen": [world.paid.uuid]}, follow=True)

    assert "1 factuur wordt opnieuw geleverd." in text_of(page.content.decode())
    entry = FeedEntry.objects.get(invoice=world.paid, feed__office=world.office)
    assert Redelivery.objects.get().entry == entry
    asked = times_asked([world.paid.uuid])[world.paid.uuid]
    assert (asked.count, asked.last_by) == (2, f"user:{person.uuid}")
    shown = signed_in(world.accountant).get(f"/offices/{world.office.uuid}/invoices/{world.paid.uuid}/")
    assert "2 keer opnieuw gevraagd" in text_of(shown.content.decode())


def test_all_that_is_found_is_delivered_again(world: World, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(45):
        signed_in(world.accountant).post(inbox(world), {"all": "again"})

    assert Redelivery.objects.count() == 2


def test_what_was_marked_again_is_listed_again(world: World, now: datetime) -> None:
    deliver_again(invoice_ids=[world.paid.pk], actor="t", now=now)
    Redelivery.objects.update(marked_at=now)
    deliver_again(invoice_ids=[world.paid.pk], actor="t", now=now)

    assert Redelivery.objects.filter(marked_at=None).count() == 1


def test_what_was_never_delivered_is_not_delivered_again(world: World, now: datetime) -> None:
    before = Event.objects.count()
    Invoice.objects.filter(pk=world.paid.pk).update(delivered_at=None)

    with pytest.raises(NothingDelivered):
        deliver_again(invoice_ids=[world.paid.pk], actor="t", now=now)

    assert (Event.objects.count() - before, Redelivery.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "rest", ["offices/{office}/invoices/{invoice}/again/", "companies/{company}/invoices/{invoice}/again/"]
)
def test_one_invoice_is_delivered_again_by_its_own_people_only(world: World, rest: str) -> None:
    path = "/" + rest.format(office=world.office.uuid, company=world.company.uuid, invoice=world.paid.uuid)

    answers = [signed_in(world.stranger).post(path).status_code, Client().post(path).status_code]
    assert (answers, Redelivery.objects.count()) == ([404, 302], 0)

    person = world.accountant if rest.startswith("offices") else world.owner
    assert signed_in(person).post(path).status_code == 302
    assert Redelivery.objects.count() == 1
