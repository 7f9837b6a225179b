"""Doorways to the services of accounting offices."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.accounting_offices import applications, imports, members, services, transfers
from apps.core import clock
from apps.events.services import TryLater
from apps.jobs.services import JobBusy


@shared_task(name="accounting_offices.import_clients", acks_late=True)
def import_clients(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Import an office's list of clients, unless somebody does so at this moment: then look again later."""
    try:
        imports.run_client_import(job_uuid=UUID(subject_uuid), read_clock=clock.now)
    except JobBusy as error:
        raise TryLater from error


@shared_task(name="accounting_offices.end_due_links")
def end_due_links(**_kwargs: Any) -> None:
    """End the client links whose last day has passed."""
    services.end_due_links(now=clock.now())


@shared_task(name="accounting_offices.tell_of_claims", acks_late=True)
def tell_of_claims(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell present offices of the claims on a company."""
    transfers.tell_of_claims(company_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="accounting_offices.tell_of_office_claims", acks_late=True)
def tell_of_office_claims(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell present offices of the claims that an office's list made."""
    transfers.tell_of_claims(office_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="accounting_offices.tell_of_transfer", acks_late=True)
def tell_of_transfer(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell the claiming office and the company of a confirmed transfer."""
    transfers.tell_of_transfer(link_uuid=UUID(subject_uuid))


@shared_task(name="accounting_offices.tell_of_refusal", acks_late=True)
def tell_of_refusal(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell the claiming office of a refusal."""
    transfers.tell_of_refusal(link_uuid=UUID(subject_uuid))


@shared_task(name="accounting_offices.welcome_office", acks_late=True)
def welcome_office(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail an approved office the link of its first member."""
    members.welcome_office(office_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="accounting_offices.mail_member_link", acks_late=True)
def mail_member_link(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail a link into an accounting office."""
    members.mail_member_link(link_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="accounting_offices.send_receipt", acks_late=True)
def send_receipt(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell an applicant that the application arrived."""
    applications.send_receipt(application_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="accounting_offices.send_decision", acks_late=True)
def send_decision(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell an applicant what staff decided."""
    applications.send_decision(application_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="accounting_offices.settle_applications", acks_late=True)
def settle_applications(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Approve what an approved office had applied with."""
    applications.settle_applications(office_uuid=UUID(subject_uuid), now=clock.now())
