"""Doorways to the services of the token lifecycle."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.core import clock
from apps.tokens.services import (
    applications,
    busy_addresses,
    connections,
    endings,
    enquiries,
    mail,
    repeats,
    requests,
    software,
    vendors,
)


@shared_task(name="tokens.send_token_mail", acks_late=True)
def send_token_mail(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail a token that was issued."""
    mail.send_token_mail(token_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.send_address_warning", acks_late=True)
def send_address_warning(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Warn an address that got very many codes."""
    busy_addresses.send_address_warning(warning_uuid=UUID(subject_uuid))


@shared_task(name="tokens.recheck_company", acks_late=True)
def recheck_company(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Check a company's waiting requests again."""
    requests.recheck_company(company_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.recheck_office", acks_late=True)
def recheck_office(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Check the waiting requests of an office's clients again."""
    requests.recheck_office(office_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.recheck_unmailed", acks_late=True)
def recheck_unmailed(**_kwargs: Any) -> None:
    """Check the requests that wait for the mail service again."""
    requests.recheck_unmailed(now=clock.now())


@shared_task(name="tokens.hasten_mails", acks_late=True)
def hasten_mails(**_kwargs: Any) -> None:
    """Hand the mails that failed over again now."""
    mail.hasten_mails(now=clock.now())


@shared_task(name="tokens.recheck_waiting")
def recheck_waiting(**_kwargs: Any) -> None:
    """Check every waiting request again."""
    requests.recheck_waiting(now=clock.now())


@shared_task(name="tokens.follow_company", acks_late=True)
def follow_company(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Suspend or resume a company's connections after its client link changed."""
    connections.follow_client_links(company_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.follow_office", acks_late=True)
def follow_office(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Suspend or resume the connections of an office's clients after the office changed."""
    connections.follow_client_links(office_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.follow_all")
def follow_all(**_kwargs: Any) -> None:
    """Suspend or resume what a day brought: links end and start on dates that were written earlier."""
    connections.follow_client_links(now=clock.now())


@shared_task(name="tokens.expire")
def expire(**_kwargs: Any) -> None:
    """End requests and tokens whose life is over."""
    endings.expire_requests(now=clock.now())


@shared_task(name="tokens.answer_enquiry", acks_late=True)
def answer_enquiry(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Answer "Can my company connect?" by mail to the address on file."""
    enquiries.answer_enquiry(enquiry_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.delete_old_enquiries")
def delete_old_enquiries(**_kwargs: Any) -> None:
    """Delete enquiries that were kept long enough."""
    enquiries.delete_old_enquiries(now=clock.now())


@shared_task(name="tokens.forget_answers")
def forget_answers(**_kwargs: Any) -> None:
    """Delete the answers of calls that are no longer repeated."""
    repeats.forget_answers(now=clock.now())


@shared_task(name="tokens.mail_vendor_link", acks_late=True)
def mail_vendor_link(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail a link to a maker of software."""
    vendors.mail_vendor_link(link_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.send_vendor_receipt", acks_late=True)
def send_vendor_receipt(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell a maker that its application arrived."""
    applications.send_vendor_receipt(application_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.send_vendor_refusal", acks_late=True)
def send_vendor_refusal(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell a maker why its application was refused."""
    applications.send_vendor_refusal(application_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="tokens.flush_usage")
def flush_usage(**_kwargs: Any) -> None:
    """Write the counters of use and the last uses that were gathered."""
    software.write_usage()
