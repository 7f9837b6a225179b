"""Judging and delivering many invoices at once: as one by one, in few statements, and none held by another."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.blobs.models import Blob
from apps.companies.models import Company
from apps.delivery.models import Delivery, FeedEntry
from apps.delivery.services import fan_out_invoices
from apps.events.models import Event, PendingReaction
from apps.invoices.models import Finding, Invoice
from apps.invoices.services.judgement import judge_invoices
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db


def send(software: Software, company: Company, *numbers: str) -> list[Invoice]:
    for number in numbers:
        assert software.upload(make_document(company, number=number)).status_code == 201
    return [Invoice.objects.get(number=number) for number in numbers]


def paths_of(invoice: Invoice, folder: Path) -> list[Path]:
    return [
        folder / b.sha256[:2] / b.sha256[2:4] / b.sha256
        for b in Blob.objects.filter(pk__in=invoice.versions.values("document"))
    ]


def test_many_are_judged_and_delivered_as_each_would_be(
    now: datetime, company: Company, software: Software, run_reactions: Callable[[], int]
) -> None:
    invoices = send(software, company, "A-1", "A-2", "A-3")

    run_reactions()

    assert set(Invoice.objects.values_list("state", "version")) == {("accepted", 1)}
    positions = FeedEntry.objects.filter(invoice__in=invoices, feed__office__isnull=False).order_by("position")
    assert list(positions.values_list("invoice", flat=True)) == [invoice.pk for invoice in invoices]
    for invoice in invoices:
        names = Event.objects.filter(subject_uuid=invoice.uuid).order_by("id").values_list("name", flat=True)
        assert list(names) == ["invoice.received", "invoice.accepted", "invoice.delivered", "invoice.delivered"]
        assert set(Delivery.objects.filter(invoice=invoice).values_list("channel", flat=True)) == {"inbox", "feed"}
    assert not PendingReaction.objects.exists()


def test_a_damaged_document_holds_none_of_its_batch(
    company: Company, software: Software, run_reactions: Callable[[], int], settings: Any
) -> None:
    first, damaged, last = send(software, company, "B-1", "B-2", "B-3")
    (path,) = paths_of(damaged, Path(settings.BLOB_DIR))
    path.write_bytes(b"gone bad")

    run_reactions()

    states = dict(Invoice.objects.values_list("number", "state"))
    assert states == {first.number: "accepted", damaged.number: "received", last.number: "accepted"}
    left = PendingReaction.objects.get()
    assert (left.event.subject_uuid, left.task) == (damaged.uuid, "invoices.judge_invoice")
    assert "BlobDamaged" in left.last_error


def test_judging_and_delivering_again_changes_nothing(
    now: datetime, company: Company, software: Software, run_reactions: Callable[[], int]
) -> None:
    invoices = send(software, company, "C-1", "C-2")
    run_reactions()
    uuids, events, findings = [i.uuid for i in invoices], Event.objects.count(), Finding.objects.count()

    assert judge_invoices(invoice_uuids=uuids, now=now) == 0
    assert fan_out_invoices(invoice_uuids=uuids, now=now) == 0

    assert (Event.objects.count(), Finding.objects.count()) == (events, findings)
    assert FeedEntry.objects.filter(feed__office__isnull=False).count() == 2


def test_the_statements_of_a_batch_do_not_grow_with_it(now: datetime, company: Company, software: Software) -> None:
    counts = []
    for numbers in (("D-1",), ("D-2", "D-3", "D-4", "D-5")):
        uuids = [invoice.uuid for invoice in send(software, company, *numbers)]
        with CaptureQueriesContext(connection) as judging:
            assert judge_invoices(invoice_uuids=uuids, now=now) == len(numbers)
        with CaptureQueriesContext(connection) as delivering:
            assert fan_out_invoices(invoice_uuids=uuids, now=now) == 2 * len(numbers)
        counts.append((len(judging), len(delivering)))

    # The first one opens the feed of the office: a statement and its savepoint more.
    assert counts[0][0] == counts[1][0] <= 11, counts
    assert counts[0][1] >= counts[1][1] <= 18, counts
