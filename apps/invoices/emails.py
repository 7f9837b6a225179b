"""The mails about an invoice that its office asks about or refused, to either side; each returns a message."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.core.letters import Letter, compose
from apps.invoices.models import Remark
from apps.invoices.rules import RemarkKind

NAMES: Final = {RemarkKind.QUESTION: "invoice-question", RemarkKind.REFUSAL: "invoice-refusal"}


def remark_mail(remark: Remark, *, to: str, language: str, office_name: str) -> EmailMultiAlternatives:
    """Return the mail that tells a reader of a company what its office asks, or why it refused an invoice."""
    return compose(
        Letter(
            name=NAMES[RemarkKind(remark.kind)],
            to=to,
            language=language,
            uuid=uuid5(remark.uuid, to),
            written_at=remark.made_at,
            context=_of(remark) | {"office_name": office_name},
        )
    )


def answer_mail(answer: Remark, asked: Remark, *, to: str, language: str) -> EmailMultiAlternatives:
    """Return the mail that brings a reader of an office a company's answer to its question."""
    return compose(
        Letter(
            name="invoice-answer",
            to=to,
            language=language,
            uuid=uuid5(answer.uuid, to),
            written_at=answer.made_at,
            context=_of(answer) | {"asked": asked.text},
        )
    )


def correction_mail(
    asked: Remark, *, version: int, to: str, language: str, corrected_at: datetime
) -> EmailMultiAlternatives:
    """Return the mail that tells a reader of an office that what it asked about or refused was corrected."""
    return compose(
        Letter(
            name="invoice-corrected",
            to=to,
            language=language,
            uuid=uuid5(asked.uuid, f"v{version} {to}"),
            written_at=corrected_at,
            context=_of(asked) | {"asked": asked.text, "kind": asked.kind, "version": version},
        )
    )


def _of(remark: Remark) -> dict[str, Any]:
    invoice = remark.invoice
    return {
        "number": invoice.number,
        "document_type": invoice.document_type,
        "customer_name": invoice.customer_name,
        "issue_date": invoice.issue_date,
        "total_amount": invoice.total_amount,
        "currency": invoice.currency,
        "company_name": invoice.company.name,
        "text": remark.text,
        "office_name": invoice.office.name if invoice.office else "",
        "invoice_url": f"{settings.BASE_URL}/offices/{invoice.office.uuid}/invoices/{invoice.uuid}/"
        if invoice.office
        else "",
        "answer_url": f"{settings.BASE_URL}/companies/{invoice.company.uuid}/invoices/{invoice.uuid}/accountant/",
    }
