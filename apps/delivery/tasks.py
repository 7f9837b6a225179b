"""Doorways to the delivery services."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from celery import shared_task

from apps.core import clock
from apps.delivery import (
    alarms,
    backfills,
    destinations,
    examining,
    feeding,
    preparing,
    pushing,
    redelivering,
    services,
    waiting,
)
from apps.events.services import TryLater
from apps.jobs.rules import JobState
from apps.jobs.services import JobBusy


@shared_task(name="delivery.open_feed", acks_late=True)
def open_feed(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Open the feed of a new connection."""
    services.open_feed_of_connection(connection_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="delivery.fan_out_statement", acks_late=True)
def fan_out_statement(*, subject_uuid: str, **_kwargs: Any) -> None:
    """List an imported statement in the feeds of those who may read it."""
    feeding.fan_out_statements(statement_uuids=[UUID(subject_uuid)], now=clock.now())


@shared_task(name="delivery.fan_out_statements", acks_late=True)
def fan_out_statements(*, subject_uuids: Sequence[str], **_kwargs: Any) -> None:
    """List imported statements in the feeds of those who may read them."""
    feeding.fan_out_statements(statement_uuids=[UUID(uuid) for uuid in subject_uuids], now=clock.now())


@shared_task(name="delivery.deliver_mandated", acks_late=True)
def deliver_mandated(*, subject_uuid: str, **_kwargs: Any) -> None:
    """List for the office what waited for a mandate."""
    feeding.deliver_mandated(mandate_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="delivery.deliver_waiting", acks_late=True)
def deliver_waiting(*, subject_uuid: str, **_kwargs: Any) -> None:
    """List for the office what waited for a client link of a company."""
    feeding.deliver_waiting(company_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="delivery.deliver_waiting_of_office", acks_late=True)
def deliver_waiting_of_office(*, subject_uuid: str, **_kwargs: Any) -> None:
    """List for an office what waited for its links with clients."""
    feeding.deliver_waiting_of_office(office_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="delivery.fan_out_invoice", acks_late=True)
def fan_out_invoice(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Deliver an accepted invoice to its office."""
    services.fan_out_invoices(invoice_uuids=[UUID(subject_uuid)], now=clock.now())


@shared_task(name="delivery.fan_out_invoices", acks_late=True)
def fan_out_invoices(*, subject_uuids: Sequence[str], **_kwargs: Any) -> None:
    """Deliver accepted invoices to their offices."""
    services.fan_out_invoices(invoice_uuids=[UUID(uuid) for uuid in subject_uuids], now=clock.now())


@shared_task(name="delivery.examine_account", acks_late=True)
def examine_account(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Look at the account of a statement or a mandate that something happened to."""
    examining.examine_subjects(subject_uuids=[UUID(subject_uuid)], now=clock.now())


@shared_task(name="delivery.examine_accounts", acks_late=True)
def examine_accounts(*, subject_uuids: Sequence[str], **_kwargs: Any) -> None:
    """Look at the accounts of statements or mandates that something happened to."""
    examining.examine_subjects(subject_uuids=[UUID(uuid) for uuid in subject_uuids], now=clock.now())


@shared_task(name="delivery.sweep_accounts")
def sweep_accounts(**_kwargs: Any) -> None:
    """Look at the accounts whose time has come."""
    examining.sweep(now=clock.now())


@shared_task(name="delivery.deliver_waiting_invoices", acks_late=True)
def deliver_waiting_invoices(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Deliver what waited until an office is known for its day."""
    waiting.deliver_waiting_of_company(company_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="delivery.deliver_waiting_invoices_of_office", acks_late=True)
def deliver_waiting_invoices_of_office(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Deliver what waited for an office whose clients were imported."""
    waiting.deliver_waiting_of_office(office_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="delivery.sweep")
def sweep(**_kwargs: Any) -> None:
    """Send the worker to every destination that has something to do."""
    pushing.sweep(now=clock.now())


@shared_task(name="delivery.push", acks_late=True)
def push(*, destination_id: int, **_kwargs: Any) -> None:
    """Send what is due at a destination."""
    pushing.push(destination_id=destination_id, read_clock=clock.now)


@shared_task(name="delivery.send_confirmation", acks_late=True)
def send_confirmation(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail the link that confirms a destination's address."""
    destinations.send_confirmation(destination_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="delivery.tell_of_failing", acks_late=True)
def tell_of_failing(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell an office that a destination of it keeps failing."""
    alarms.tell_of_failing(destination_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="delivery.run_backfill", acks_late=True)
def run_backfill(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Queue a past period for a destination, unless somebody does so at this moment: then look again later."""
    try:
        backfills.run_backfill(job_uuid=UUID(subject_uuid), read_clock=clock.now)
    except JobBusy as error:
        raise TryLater from error


@shared_task(name="delivery.run_bundle", acks_late=True)
def run_bundle(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Write the archive of a large selection; what takes longer than one go is gone on with later."""
    try:
        job = preparing.run_bundle(job_uuid=UUID(subject_uuid), read_clock=clock.now)
    except JobBusy as error:
        raise TryLater from error
    if job.state == JobState.RUNNING:
        raise TryLater


@shared_task(name="delivery.run_redelivery", acks_late=True)
def run_redelivery(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Deliver a large selection again, unless somebody does so at this moment: then look again later."""
    try:
        redelivering.run_redelivery(job_uuid=UUID(subject_uuid), read_clock=clock.now)
    except JobBusy as error:
        raise TryLater from error


@shared_task(name="delivery.remove_old_bundles", acks_late=True)
def remove_old_bundles(**_kwargs: Any) -> None:
    """Remove the archives that were kept for their time."""
    preparing.remove_old_bundles(now=clock.now())
