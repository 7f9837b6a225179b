"""A past period, delivered to a destination that was added later: counted, marked, stoppable, nothing twice."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core import mail

from apps.core.errors import NotFound
from apps.delivery import backfills
from apps.delivery.backfills import Period, ask_backfill, run_backfill
from apps.delivery.destinations import remove
from apps.delivery.models import Delivery, Destination
from apps.jobs.models import Job
from apps.jobs.services import ask_cancel
from tests.delivery.conftest import Firm
from tests.factories.destinations import make_mailbox

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def ask(firm: Firm, destination: Destination, period: Period = NOVEMBER) -> Job:
    later = firm.now + timedelta(days=1)
    return ask_backfill(destination_uuid=destination.uuid, period=period, company=None, actor="user:1", now=later)


def run(firm: Firm, job: Job) -> Job:
    return run_backfill(job_uuid=job.uuid, read_clock=lambda: firm.now + timedelta(days=1))


def test_a_period_is_queued_counted_marked_and_sent(firm: Firm) -> None:
    for number in ("1", "2"):
        firm.send_invoice(number)
    firm.send_invoice("3", issue_date=date(2026, 10, 1))
    destination = make_mailbox(firm.now, firm.office)

    job = run(firm, ask(firm, destination))

    assert (job.state, job.processed, job.total, job.report) == ("done", 2, 2, {"queued": 2, "left_alone": 0})
    assert firm.push(destination, after=timedelta(days=2)) == 2
    subjects = [message.subject for message in mail.outbox if message.to == [destination.address]][-2:]
    assert all("(van een vroegere periode)" in subject for subject in subjects)
    assert set(Delivery.objects.filter(destination=destination).values_list("occasion", flat=True)) == {"backfill"}


def test_what_was_delivered_there_or_is_on_its_way_is_left_alone(firm: Firm) -> None:
    destination = make_mailbox(firm.now, firm.office)
    firm.send_invoice("1")
    firm.push(destination)
    firm.send_invoice("2")

    job = run(firm, ask(firm, destination))

    assert job.report == {"queued": 0, "left_alone": 2}
    assert Delivery.objects.filter(destination=destination).count() == 2


def test_the_reaction_to_the_wish_does_it(firm: Firm) -> None:
    firm.send_invoice()
    destination = make_mailbox(firm.now, firm.office)
    job = ask(firm, destination)

    firm.run_reactions()

    job.refresh_from_db()
    assert (job.state, job.report["queued"]) == ("done", 1)


def test_stopped_it_leaves_what_is_queued(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfills, "BATCH", 1)
    for number in ("1", "2", "3"):
        firm.send_invoice(number)
    destination = make_mailbox(firm.now, firm.office)
    job = ask(firm, destination)
    turns = iter(range(100))

    def read_clock() -> object:
        if next(turns) == 2:
            ask_cancel(job_uuid=job.uuid, actor="user:1", now=firm.now)
        return firm.now + timedelta(days=1)

    ended = run_backfill(job_uuid=job.uuid, read_clock=read_clock)  # type: ignore[arg-type]

    assert ended.state == "cancelled"
    assert Delivery.objects.filter(destination=destination).count() == ended.processed == 1


def test_a_destination_that_is_gone_fails_it(firm: Firm) -> None:
    firm.send_invoice()
    destination = make_mailbox(firm.now, firm.office)
    job = ask(firm, destination)
    remove(destination_uuid=destination.uuid, actor="t", now=firm.now)

    ended = run(firm, job)

    assert (ended.state, ended.report["error"]["code"]) == ("failed", "destination_removed")
    assert not Delivery.objects.filter(destination=destination).exists()


@pytest.mark.parametrize("case", ["backwards", "unconfirmed", "twice", "unknown"])
def test_what_cannot_be_asked_is_refused_and_leaves_no_trace(firm: Firm, case: str) -> None:
    destination = make_mailbox(firm.now, firm.office, is_confirmed=case != "unconfirmed")
    if case == "twice":
        ask(firm, destination)
    if case == "unknown":
        destination.uuid = uuid4()
    before = Job.objects.count()
    period = Period(NOVEMBER.last, NOVEMBER.first) if case == "backwards" else NOVEMBER
    refusal = {
        "backwards": backfills.PeriodBackwards, "unconfirmed": backfills.NotConfirmed,
        "twice": backfills.BackfillUnderWay, "unknown": NotFound,
    }[case]  # fmt: skip

    with pytest.raises(refusal):
        ask(firm, destination, period)

    assert Job.objects.count() == before
