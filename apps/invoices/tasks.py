"""Doorways to the services of sales invoices."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from celery import shared_task
from django.conf import settings

from apps.core import clock
from apps.invoices.rules import JUDGE_TASK
from apps.invoices.services import judgement, retention, telling, validation


@shared_task(name=JUDGE_TASK, acks_late=True)
def judge_invoice(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Judge the received versions of an invoice."""
    judgement.judge_invoices(invoice_uuids=[UUID(subject_uuid)], now=clock.now())


@shared_task(name="invoices.judge_invoices", acks_late=True)
def judge_invoices(*, subject_uuids: Sequence[str], **_kwargs: Any) -> None:
    """Judge the received versions of some invoices."""
    judgement.judge_invoices(invoice_uuids=[UUID(uuid) for uuid in subject_uuids], now=clock.now())


@shared_task(name="invoices.purge_expired", acks_late=True)
def purge_expired(**_kwargs: Any) -> None:
    """Purge the papers whose legal time of keeping is over."""
    retention.purge_expired(today=clock.today(), years=settings.RETENTION_YEARS, actor="system", now=clock.now())


@shared_task(name=validation.TASK, acks_late=False, time_limit=60)
def validate_document(*, key: str, **_kwargs: Any) -> None:
    """Judge a document that is not kept, for somebody who waits."""
    validation.answer_question(key=key, now=clock.now())


@shared_task(name="invoices.tell_of_remark", acks_late=True)
def tell_of_remark(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail a company its office's question on an invoice, or why it refused it."""
    telling.tell_of_remark(invoice_uuid=UUID(subject_uuid))


@shared_task(name="invoices.tell_of_answer", acks_late=True)
def tell_of_answer(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail an office what its client answered."""
    telling.tell_of_answer(invoice_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="invoices.tell_of_correction", acks_late=True)
def tell_of_correction(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail an office that what it asked about or refused was corrected."""
    telling.tell_of_correction(invoice_uuid=UUID(subject_uuid))
