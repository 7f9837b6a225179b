"""The mails that bring invoices, and those about where they are brought; each function returns a message."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from apps.core.clock import BRUSSELS, brussels_day
from apps.core.letters import Letter, compose
from apps.delivery.archives import ArchivedDocument, safe_name, write_archive
from apps.delivery.documents import list_documents
from apps.delivery.labels import CHANNELS
from apps.delivery.models import Delivery, Destination, Mailing
from apps.delivery.rules import MEDIA_TYPES, STOPPING, Channel, Occasion
from apps.delivery.sentences import failure_remedy, failure_sentence
from apps.users.models import MailedLink
from apps.users.selectors import sign_link


@dataclass(frozen=True, slots=True)
class InvoiceParcel:
    """One document on its way to a mailbox, with what makes its message the same each time."""

    uuid: UUID
    destination: Destination
    document: ArchivedDocument
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class DailyFigures:
    """What a part of a daily message holds: documents, clients, how many of an earlier period, how many too large."""

    count: int
    clients: int
    backfilled: int
    left_out: int
    part: int
    parts: int


def invoice_mail(delivery: Delivery) -> EmailMultiAlternatives:
    """Return the message that brings one version of an invoice: its XML as received, and its PDF if it fits."""
    [document] = list_documents([delivery], at_most=settings.MAIL_MAX_BYTES)
    destination, queued_at = delivery.destination, delivery.queued_at
    # The tables' constraints: one that is queued for a destination has all three.
    assert destination is not None and queued_at is not None and delivery.uuid is not None  # noqa: S101, PT018
    return invoice_message(InvoiceParcel(delivery.uuid, destination, document, queued_at))


def invoice_message(parcel: InvoiceParcel) -> EmailMultiAlternatives:
    """Return the message of a document, with its files attached as `CLIENTCODE_NUMBER_vN.xml` and `.pdf`."""
    document, destination = parcel.document, parcel.destination
    message = compose(
        Letter(
            name="delivered-invoice",
            to=destination.address,
            language=destination.office.language,
            uuid=parcel.uuid,
            written_at=parcel.queued_at,
            context=_facts(document) | {"delivery_url": delivery_url(destination)},
            metadata={"delivery": str(parcel.uuid)},
        )
    )
    code = safe_name(document.client_code or document.enterprise_number)
    for file in document.files:
        message.attach(f"{code}_{document.stem}.{file.ending}", file.read(), MEDIA_TYPES[file.ending])
    return message


def _facts(document: ArchivedDocument) -> dict[str, Any]:
    return {
        "client_code": document.client_code,
        "enterprise_number": document.enterprise_number,
        "company_name": document.company_name,
        "document_type": document.document_type,
        "number": document.number,
        "version": document.version,
        "issue_date": document.issue_date,
        "customer_name": document.customer_name,
        "total_amount": document.total_amount,
        "currency": document.currency,
        "occasion": document.occasion,
        "has_xml": any(file.ending == "xml" for file in document.files),
        "has_pdf": any(file.ending == "pdf" for file in document.files),
        "invoice_url": document.left_out,
    }


def daily_mail(mailing: Mailing) -> EmailMultiAlternatives:
    """Return a part of a daily message: a ZIP of what was collected, with its manifest."""
    rows = mailing.deliveries.select_related("invoice__company", "office").order_by("invoice__company_id", "id")
    deliveries = list(rows)
    documents = list_documents(deliveries, at_most=settings.MAIL_MAX_BYTES)
    figures = DailyFigures(
        count=len(documents),
        clients=len({row.invoice.company_id for row in deliveries}),
        backfilled=sum(row.occasion == Occasion.BACKFILL for row in deliveries),
        left_out=sum(bool(document.left_out) for document in documents),
        part=mailing.part,
        parts=mailing.parts,
    )
    archive = b"".join(write_archive(documents))
    return daily_message(mailing.destination, mailing.uuid, mailing.collected_at, figures, archive)


def daily_message(
    destination: Destination, uuid: UUID, collected_at: datetime, figures: DailyFigures, archive: bytes
) -> EmailMultiAlternatives:
    """Return the message with an archive of what was collected, attached as `Invoices-OUT_<day>.zip`."""
    day = brussels_day(collected_at)
    message = compose(
        Letter(
            name="daily-invoices",
            to=destination.address,
            language=destination.office.language,
            uuid=uuid,
            written_at=collected_at,
            context=asdict(figures) | {"day": day, "delivery_url": delivery_url(destination)},
            metadata={"delivery": str(uuid)},
        )
    )
    part = f"_{figures.part}-{figures.parts}" if figures.parts > 1 else ""
    message.attach(f"Invoices-OUT_{day.isoformat()}{part}.zip", archive, "application/zip")
    return message


def destination_confirmation(destination: Destination, link: MailedLink) -> EmailMultiAlternatives:
    """Return the mail by whose link a reader agrees that an office's documents come to them."""
    return compose(
        Letter(
            name="destination-confirmation",
            to=link.address,
            language=link.language,
            uuid=link.uuid,
            written_at=link.made_at,
            context={
                "office_name": destination.office.name,
                "company_name": destination.company.name if destination.company else "",
                "is_daily": destination.channel == "email_daily",
                "url": f"{settings.BASE_URL}/confirm-destination/{sign_link(link)}/",
                "expires_at": link.expires_at.astimezone(BRUSSELS),
            },
            metadata={"link": str(link.uuid)},
        )
    )


def destination_failing(destination: Destination, *, told_at: datetime) -> EmailMultiAlternatives:
    """Return the mail that tells an office that nothing arrives at a destination of it."""
    since, language = destination.failing_since or told_at, destination.office.language
    with translation.override(language):
        reason, remedy = failure_sentence(destination.failure_code), failure_remedy(destination.failure_code)
    return compose(
        Letter(
            name="destination-failing",
            to=destination.office.email,
            language=language,
            uuid=uuid5(destination.uuid, told_at.isoformat()),
            written_at=told_at,
            context={
                "channel": CHANNELS[Channel(destination.channel)],
                "place": destination.place,
                "company_name": destination.company.name if destination.company else "",
                "since": since.astimezone(BRUSSELS),
                "reason": reason,
                "remedy": remedy,
                "answer": destination.failure_answer,
                "is_stopped": destination.failure_code in STOPPING,
                "url": delivery_url(destination),
            },
        )
    )


def delivery_url(destination: Destination) -> str:
    """Return the page on which people of the office see a destination and its log."""
    return f"{settings.BASE_URL}/offices/{destination.office.uuid}/delivery/{destination.uuid}/"
