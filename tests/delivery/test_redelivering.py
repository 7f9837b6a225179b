"""A large selection delivered again: batch after batch, once each, stoppable, counted and in the trail."""

from datetime import datetime
from typing import Any

import pytest

from apps.delivery import redelivering
from apps.delivery.models import Redelivery
from apps.delivery.redelivering import ask_redelivery_of_many, run_redelivery, times_asked
from apps.invoices.models import Invoice
from apps.jobs.models import Job
from apps.jobs.services import ask_cancel
from tests.delivery.conftest import Firm


@pytest.fixture
def sent(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> list[Invoice]:
    monkeypatch.setattr(redelivering, "BATCH", 2)
    return [firm.send_invoice(number) for number in ("1", "2", "3")]


def ask(firm: Firm, invoices: list[Invoice]) -> Job:
    return ask_redelivery_of_many(
        invoice_ids=[row.pk for row in invoices], subject_uuid=firm.office.uuid, actor="user:1", now=firm.now
    )


def test_the_reaction_delivers_each_once_and_counts(firm: Firm, sent: list[Invoice]) -> None:
    job = ask(firm, sent)
    Invoice.objects.filter(number="3").update(delivered_at=None)

    firm.run_reactions()
    run_redelivery(job_uuid=job.uuid, read_clock=lambda: firm.now)

    job.refresh_from_db()
    assert (job.state, job.processed, job.report) == ("done", 3, {"delivered": 2, "left_alone": 1})
    assert Redelivery.objects.count() == 2
    asked = times_asked([row.uuid for row in sent])
    assert {each.count for each in asked.values()} == {1}
    assert {each.last_by for each in asked.values()} == {"user:1"}


def test_killed_between_two_batches_the_next_goes_on(firm: Firm, sent: list[Invoice], monkeypatch: Any) -> None:
    job, turns = ask(firm, sent), iter(range(100))

    def read_clock() -> datetime:
        if next(turns) == 2:
            raise KeyboardInterrupt
        return firm.now

    with pytest.raises(KeyboardInterrupt):
        run_redelivery(job_uuid=job.uuid, read_clock=read_clock)
    run_redelivery(job_uuid=job.uuid, read_clock=lambda: firm.now)

    assert {each.count for each in times_asked([row.uuid for row in sent]).values()} == {1}


def test_stopped_it_leaves_what_was_delivered(firm: Firm, sent: list[Invoice]) -> None:
    job, turns = ask(firm, sent), iter(range(100))

    def read_clock() -> datetime:
        if next(turns) == 2:
            ask_cancel(job_uuid=job.uuid, actor="user:1", now=firm.now)
        return firm.now

    ended = run_redelivery(job_uuid=job.uuid, read_clock=read_clock)

    assert (ended.state, ended.processed, Redelivery.objects.count()) == ("cancelled", 2, 2)


@pytest.mark.parametrize("case", ["twice", "too many"])
def test_what_cannot_be_asked_is_refused(firm: Firm, sent: list[Invoice], monkeypatch: Any, case: str) -> None:
    if case == "twice":
        ask(firm, sent)
    else:
        monkeypatch.setattr(redelivering, "MOST_INVOICES", 2)
    before = Job.objects.count()
    refusal = redelivering.RedeliveryUnderWay if case == "twice" else redelivering.TooManyInvoices

    with pytest.raises(refusal):
        ask(firm, sent)

    assert Job.objects.count() == before
