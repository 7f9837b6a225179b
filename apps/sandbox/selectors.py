"""What a software has shown in the sandbox, read from the rows that its calls left."""

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from apps.core.errors import NotFound
from apps.delivery.models import Feed
from apps.invoices.models import Arrival, Invoice
from apps.invoices.rules import ArrivalOutcome, DocumentType, InvoiceState, PaymentState
from apps.sandbox.models import CompatibleMark, SelfTestReport
from apps.sandbox.rules import MarkState, Verdict
from apps.tokens.models import AccessToken, ConnectionRequest, Credential, Software, SoftwareUsage

_PAID: Final = (PaymentState.PAID, PaymentState.PARTIALLY_PAID, PaymentState.OVERPAID)


def judge_software(*, software: Software) -> Verdict:
    """Return which steps of the self-test a software has done; counters of use must have been written."""
    return Verdict(frozenset(step for step, is_done in _CHECKS.items() if is_done(software)))


def list_reports(*, software: Software) -> Iterator[SelfTestReport]:
    """Yield a software's newest reports, newest first."""
    return SelfTestReport.objects.filter(software=software).order_by("-id")[:20].iterator()


def get_report(*, software: Software, report_uuid: UUID) -> SelfTestReport:
    """Return one report of a software.

    :raises NotFound: for another one's.
    """
    report = SelfTestReport.objects.filter(software=software, uuid=report_uuid).select_related("software").first()
    if report is None:
        raise NotFound
    return report


def list_marks(*, software: Software) -> list[CompatibleMark]:
    """Return a software's newest marks in the service, newest first: the first one is what counts, or was withdrawn."""
    return list(CompatibleMark.objects.filter(software=software).order_by("-id")[:20])


def with_marks(softwares: QuerySet[Software]) -> QuerySet[Software]:
    """Return each software with when it was tested (`tested_at`), and what it then worked for (`tested_for`)."""
    standing = CompatibleMark.objects.filter(software=OuterRef("pk"), state=MarkState.STANDING)
    return softwares.annotate(
        tested_at=Subquery(standing.values("tested_at")), tested_for=Subquery(standing.values("works_for"))
    )


def _has_used(software: Software, *kinds: str) -> bool:
    return SoftwareUsage.objects.filter(software=software, kind__in=kinds).exists()


def _has_sent(software: Software, document_type: DocumentType) -> bool:
    sent = Invoice.objects.filter(arrivals__software=software, document_type=document_type)
    return sent.filter(state=InvoiceState.ACCEPTED).exists()


def _has_arrival(software: Software, outcome: ArrivalOutcome) -> bool:
    return Arrival.objects.filter(software=software, outcome=outcome).exists()


def _was_refused(software: Software) -> bool:
    return ConnectionRequest.objects.exclude(refusal_code="").filter(software=software).exists()


def _sees_payment(software: Software) -> bool:
    """It read after an invoice of its own was paid: both have happened, in whatever order they are counted."""
    paid = Invoice.objects.filter(arrivals__software=software, payment_state__in=_PAID).exists()
    return paid and _has_used(software, "read", "download")


_CHECKS: Final[dict[str, Callable[[Software], bool]]] = {
    "refusal_seen": lambda software: _was_refused(software) or _has_used(software, "request_refused"),
    "token_asked": lambda software: AccessToken.objects.filter(request__software=software).exists(),
    "token_exchanged": lambda software: software.connections.exists(),
    "login_used": lambda software: Credential.objects.filter(
        connection__software=software, first_used_at__isnull=False
    ).exists(),
    "invoice_accepted": lambda software: _has_sent(software, DocumentType.INVOICE),
    "credit_note_accepted": lambda software: _has_sent(software, DocumentType.CREDIT_NOTE),
    "correction_accepted": lambda software: Invoice.objects.filter(arrivals__software=software, version__gt=1).exists(),
    "same_bytes_again": lambda software: _has_arrival(software, ArrivalOutcome.DUPLICATE),
    "rejection_seen": lambda software: (
        _has_arrival(software, ArrivalOutcome.REJECTED)
        or Invoice.objects.filter(arrivals__software=software, state=InvoiceState.REJECTED).exists()
    ),
    "feed_polled": lambda software: _has_used(software, "poll"),
    "entry_downloaded": lambda software: _has_used(software, "download"),
    "entry_marked": lambda software: Feed.objects.filter(software=software, cursor__gt=0).exists(),
    "payment_seen": _sees_payment,
}
