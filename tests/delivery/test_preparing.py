"""Archives of large selections: written in parts, gone on with after a kill, kept for their time, then gone."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from apps.accounting_offices.models import AccountingOffice
from apps.blobs.models import Blob
from apps.blobs.services import store_file
from apps.delivery import preparing
from apps.delivery.archives import MANIFEST
from apps.delivery.models import Bundle, BundlePart, Delivery
from apps.delivery.preparing import Place, ask_bundle, get_ready_bundle, read_prepared, remove_old_bundles, run_bundle
from apps.delivery.redelivering import TooManyInvoices
from apps.events.models import Event
from apps.invoices.models import Invoice, InvoiceVersion
from apps.jobs.models import Job
from apps.jobs.services import ask_cancel
from tests.conftest import NOW
from tests.delivery.conftest import Firm, firm_of, make_office_and_client
from tests.factories.registry import Connected
from tests.support.kept import Keep, Kept


class Killed(BaseException):
    """What a process feels of `kill -9`: nothing after it runs."""


Sent = tuple[AccountingOffice, Connected, list[int]]


@pytest.fixture(scope="module")
def kept_firm(keep: Keep[Sent]) -> Kept[Sent]:
    return keep(send_five)


def send_five() -> Sent:
    office, client = make_office_and_client(NOW)
    return office, client, [firm_of(office, client).send_invoice(number).pk for number in ("1", "2", "3", "4", "5")]


@pytest.fixture
def given(kept_firm: Kept[Sent], db: None, settings: Any) -> Sent:
    return kept_firm.give(settings.BLOB_DIR)


@pytest.fixture
def firm(given: Sent) -> Firm:
    office, client, _ids = given
    return firm_of(office, client)


@pytest.fixture
def sent(given: Sent, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(preparing, "PART", 2)
    return given[2]


def ask(firm: Firm, ids: list[int], place: Place | None = None) -> Job:
    return ask_bundle(invoice_ids=ids, place=place or Place(office=firm.office), actor="user:1", now=firm.now)


def run(firm: Firm, job: Job) -> Job:
    return run_bundle(job_uuid=job.uuid, read_clock=lambda: firm.now)


def download(firm: Firm, job: Job, actor: str = "user:2") -> bytes:
    pieces = read_prepared(bundle=get_ready_bundle(job=job), actor=actor, read_clock=lambda: firm.now)
    return b"".join(pieces)


def numbers_in(archive: zipfile.ZipFile) -> list[str]:
    lines = list(csv.DictReader(io.StringIO(archive.read(MANIFEST).decode(), newline="")))
    return [line["number"] for line in lines if line["path"].endswith(".xml")]


def fetched() -> set[int]:
    return set(Delivery.objects.filter(channel="inbox", state="fetched").values_list("invoice_id", flat=True))


def test_the_reaction_writes_an_archive_with_its_lists(firm: Firm, sent: list[int]) -> None:
    job = ask(firm, sent)
    firm.run_reactions()

    content = download(firm, job)

    job.refresh_from_db()
    assert (job.state, job.processed, job.total) == ("done", 5, 5)
    bundle = get_ready_bundle(job=job)
    assert bundle.size == len(content)
    assert BundlePart.objects.filter(bundle=bundle).count() == 4
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert len(archive.namelist()) == 13
    assert numbers_in(archive) == ["1", "2", "3", "4", "5"]
    listed = archive.read("invoices.csv").decode("utf-8-sig").splitlines()
    assert listed[0].startswith("Klantcode;Ondernemingsnummer;Onderneming;Document;Nummer;Versie;Datum;")
    assert len(listed) == 6
    sheet = load_workbook(io.BytesIO(archive.read("invoices.xlsx"))).active
    assert (sheet["A2"].value, sheet["E2"].value, sheet["N2"].value) == ("K100", "1", 1210)


def test_what_an_office_downloads_is_fetched_and_what_was_corrected_since_is_not(firm: Firm, sent: list[int]) -> None:
    job = ask(firm, sent)
    run(firm, job)
    firm.send_invoice("2", price="900.00")
    assert Invoice.objects.get(number="2").version == 2
    assert not fetched(), "preparing is no fetching"

    download(firm, job)

    assert fetched() == set(sent) - {sent[1]}
    assert set(Event.objects.filter(name="invoice.fetched").values_list("actor", flat=True)) == {"user:2"}


def test_a_company_that_downloads_its_own_fetches_nothing(firm: Firm, sent: list[int]) -> None:
    job = ask(firm, sent, Place(company=firm.company))
    run(firm, job)

    assert numbers_in(zipfile.ZipFile(io.BytesIO(download(firm, job)))) == ["1", "2", "3", "4", "5"]
    assert not fetched()


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_killed_in_the_middle_the_next_goes_on_and_the_archive_is_the_same(
    firm: Firm, sent: list[int], monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    undisturbed = ask(firm, sent, Place(company=firm.company))
    run(firm, undisturbed)
    job = ask(firm, sent)
    stored: Callable[..., Blob] = store_file
    turns = iter(range(100))

    def store_until_killed(*args: Any, **kwargs: Any) -> Blob:
        blob = stored(*args, **kwargs)
        if next(turns) == kept:
            raise Killed
        return blob

    monkeypatch.setattr(preparing, "store_file", store_until_killed)
    with pytest.raises(Killed):
        run(firm, job)
    assert BundlePart.objects.filter(bundle__job=job).count() == kept
    monkeypatch.setattr(preparing, "store_file", stored)

    ended = run(firm, job)

    assert (ended.state, ended.processed) == ("done", 5)
    archive = zipfile.ZipFile(io.BytesIO(download(firm, job)))
    assert archive.testzip() is None
    assert numbers_in(archive) == ["1", "2", "3", "4", "5"]


def test_a_go_that_takes_long_leaves_the_rest_to_the_next(firm: Firm, sent: list[int]) -> None:
    job, minutes = ask(firm, sent), iter(range(0, 1000, 4))

    def read_clock() -> datetime:
        return firm.now + timedelta(minutes=next(minutes))

    first = run_bundle(job_uuid=job.uuid, read_clock=read_clock)
    assert (first.state, first.processed) == ("running", 4)
    assert run(firm, job).state == "done"


def test_stopped_it_leaves_nothing_to_download(firm: Firm, sent: list[int]) -> None:
    job, turns = ask(firm, sent), iter(range(100))

    def read_clock() -> datetime:
        if next(turns) == 1:
            ask_cancel(job_uuid=job.uuid, actor="user:1", now=firm.now)
        return firm.now

    ended = run_bundle(job_uuid=job.uuid, read_clock=read_clock)

    assert ended.state == "cancelled"
    assert Bundle.objects.get(job=job).removed_at == firm.now
    with pytest.raises(preparing.BundleNotReady):
        download(firm, job)


def test_after_its_time_it_is_removed_and_the_row_says_so(firm: Firm, sent: list[int], settings: Any) -> None:
    settings.BUNDLE_DAYS = 3
    job = ask(firm, sent)
    run(firm, job)
    parts = list(BundlePart.objects.filter(bundle__job=job).values_list("content", flat=True))
    late = firm.now + timedelta(days=3)

    assert remove_old_bundles(now=late - timedelta(minutes=1)) == 0
    assert remove_old_bundles(now=late) == 1
    remove_old_bundles(now=late + timedelta(hours=2))

    assert Bundle.objects.get(job=job).removed_at == late
    assert set(Blob.objects.filter(pk__in=parts).values_list("removed_at", flat=True)) == {late + timedelta(hours=2)}
    assert not Blob.objects.exclude(pk__in=parts).exclude(released_at=None).exists(), "the documents stay"
    assert Event.objects.filter(name="invoice_bundle.removed", subject_uuid=job.uuid).count() == 1
    with pytest.raises(preparing.BundleNotReady):
        download(firm, job)


def test_papers_that_are_gone_are_named_and_stand_in_the_way_of_nothing(firm: Firm, sent: list[int]) -> None:
    InvoiceVersion.objects.filter(invoice=sent[0]).update(purged_at=firm.now)
    job = ask(firm, sent)

    ended = run(firm, job)

    manifest = zipfile.ZipFile(io.BytesIO(download(firm, job))).read(MANIFEST).decode()
    assert ended.report["left_out"] == 1
    assert manifest.count("purged") == 1
    assert manifest.count(".xml") == 4


@pytest.mark.parametrize("case", ["too many", "too many standing"])
def test_what_is_too_much_is_refused_and_leaves_no_trace(
    firm: Firm, sent: list[int], monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr(preparing, "MOST_INVOICES" if case == "too many" else "MOST_STANDING", 0)
    refusal = TooManyInvoices if case == "too many" else preparing.TooManyBundles

    with pytest.raises(refusal):
        ask(firm, sent)

    assert not Job.objects.exists()
    assert not Bundle.objects.exists()


def test_more_bytes_than_an_archive_takes_fail_before_anything_is_written(
    firm: Firm, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "MOST_BYTES", 1000)

    ended = run(firm, ask(firm, sent))

    assert (ended.state, ended.report["error"]["code"]) == ("failed", "bundle_too_large")
    assert not BundlePart.objects.exists()
