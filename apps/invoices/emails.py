"""The mails about an invoice that its office asks about or refused; each function returns a message."""

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
        "answer_url": f"{settings.BASE_URL}/companies/{invoice.company.uuid}/invoices/{invoice.uuid}/accountant/",
    }
