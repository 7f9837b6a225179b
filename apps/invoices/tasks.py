"""Doorways to the services of sales invoices."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.core import clock
from apps.invoices.services import judgement


@shared_task(name="invoices.judge_invoice", acks_late=True)
def judge_invoice(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Judge the received versions of an invoice."""
    judgement.judge_invoice(invoice_uuid=UUID(subject_uuid), now=clock.now())
