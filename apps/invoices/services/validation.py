"""Judging a document that is not kept: it and its verdict pass through Redis for some seconds, and lie nowhere else.

The web process asks, a worker judges and answers. One web process has one question open at a time, so that waiting
for workers never takes all of its threads.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from redis import Redis
from redis.exceptions import RedisError

from apps.companies.models import Company
from apps.companies.selectors import numbers_valid_on
from apps.core import clock, queue
from apps.core.errors import DomainError
from apps.core.identifiers import format_enterprise_number
from apps.invoices.checks import Found, Judgement, check_supplier, judge, own
from apps.invoices.rules import SEVERITY_ORDER, Severity
from apps.invoices.ubl import UblDocument

TASK: Final = "invoices.validate_document"
RETRY_AFTER_SECONDS: Final = 5
_ONE_AT_A_TIME: Final = BoundedSemaphore()


class ValidationBusy(DomainError):
    """No worker gave a verdict in time."""

    code = "validation_busy"
    sentence = _("Too much is being checked at this moment. Try again in some seconds; nothing was kept.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a document would be: `document_type` and `invoice_number` are None when it cannot be read."""

    verdict: str
    document_type: str | None
    invoice_number: str | None
    findings: list[Found]


def ask_verdict(*, document: bytes, pdf: bytes | None, company: Company | None) -> Verdict:
    """Have a worker judge a document, without keeping anything; `company` is whose it should be, if anybody's.

    :raises ValidationBusy: when no worker answered within `VALIDATION_WAIT_SECONDS`, or this process asks already.
    """
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise ValidationBusy(retry_after=RETRY_AFTER_SECONDS)
    try:
        answer = _ask({"document": document, "pdf": pdf or b"", "company": company.pk if company else 0})
    except RedisError as error:
        raise ValidationBusy(retry_after=RETRY_AFTER_SECONDS) from error
    finally:
        _ONE_AT_A_TIME.release()
    if answer is None:
        raise ValidationBusy(retry_after=RETRY_AFTER_SECONDS)
    return _read(answer)


def _ask(question: Mapping[Any, Any]) -> bytes | None:
    redis, key = _redis(), f"validation:{uuid4().hex}"
    try:
        with redis.pipeline() as pipeline:
            pipeline.hset(key, mapping=question)
            # A worker that comes later than the asker waits finds nothing and does nothing.
            pipeline.expire(key, settings.VALIDATION_WAIT_SECONDS)
            pipeline.execute()
        queue.nudge(TASK, key=key)
        popped: Any = redis.blpop([_answers(key)], timeout=settings.VALIDATION_WAIT_SECONDS)
        return popped[1] if popped else None
    finally:
        redis.delete(key, _answers(key))


def answer_question(*, key: str, now: datetime) -> bool:
    """Judge the document of an open question and answer it; returns whether it was still open.

    Runs Saxon, so only in a worker process.
    """
    redis = _redis()
    question: Any = redis.hgetall(key)
    if not question:
        return False
    company = Company.objects.filter(pk=int(question[b"company"])).first()
    verdict = _judge(question[b"document"], question[b"pdf"] or None, company, now)
    with redis.pipeline() as pipeline:
        pipeline.rpush(_answers(key), json.dumps(asdict(verdict)))
        pipeline.expire(_answers(key), settings.VALIDATION_WAIT_SECONDS)
        pipeline.execute()
    return True


def _judge(document: bytes, pdf: bytes | None, company: Company | None, now: datetime) -> Verdict:
    judgement = judge(document, pdf=pdf, on=clock.brussels_day(now), peppol_sheets=settings.PEPPOL_RULES_DIR)
    ubl = judgement.document
    if ubl is not None and company is not None:
        findings = (*judgement.findings, *_of_supplier(ubl, company))
        judgement = Judgement(judgement.profile, findings, ubl)
    return Verdict(
        verdict="rejected" if judgement.is_rejected else "accepted",
        document_type=ubl.document_type if ubl else None,
        invoice_number=ubl.number if ubl else None,
        findings=sorted(judgement.findings, key=lambda found: SEVERITY_ORDER.index(found.severity)),
    )


def _of_supplier(ubl: UblDocument, company: Company) -> list[Found]:
    """Say whose document it is; another supplier only warns here, where makers try their examples."""
    code = check_supplier(ubl, numbers_valid_on(company=company, on=ubl.issue_date))
    if code is None:
        return []
    found = own(code, number=format_enterprise_number(company.enterprise_number))
    return [replace(found, severity=Severity.WARNING) if code == "supplier_mismatch" else found]


def _read(answer: bytes) -> Verdict:
    said = json.loads(answer)
    return Verdict(**{**said, "findings": [Found(**found) for found in said["findings"]]})


def _answers(key: str) -> str:
    return f"{key}:answer"


def _redis() -> Redis:
    """Return a client whose patience exceeds the wait for an answer."""
    patience = settings.VALIDATION_WAIT_SECONDS + 2
    return Redis.from_url(settings.REDIS_URL, socket_timeout=patience, socket_connect_timeout=2)
