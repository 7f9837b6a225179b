"""Doorways to the matching services."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from celery import shared_task

from apps.core import clock
from apps.reconciliation import services


@shared_task(name="reconciliation.match_statement", acks_late=True)
def match_statement(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Match a statement's money."""
    services.match_statement(statement_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="reconciliation.match_statements", acks_late=True)
def match_statements(*, subject_uuids: Sequence[str], **_kwargs: Any) -> None:
    """Match the money of statements."""
    services.match_statements(statement_uuids=[UUID(uuid) for uuid in subject_uuids], now=clock.now())


@shared_task(name="reconciliation.forget_statement", acks_late=True)
def forget_statement(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Forget the loose money of a statement that counts no more."""
    services.forget_statement(statement_uuid=UUID(subject_uuid))


@shared_task(name="reconciliation.match_invoice", acks_late=True)
def match_invoice(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Match an invoice with money that came before it."""
    services.match_invoice(invoice_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="reconciliation.match_company", acks_late=True)
def match_company(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Match a company's open invoices with all its loose money."""
    services.match_company(company_uuid=UUID(subject_uuid), now=clock.now())
