"""Calls that are safe to repeat: what one was answered under a key is what its repetition is answered."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.core import locks
from apps.core.errors import DomainError
from apps.tokens.models import KeptAnswer

SWEEP_SIZE: Final = 5_000


class IdempotencyKeyReused(DomainError):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    sentence = _("This Idempotency-Key was sent with another request before. Give each request a key of its own.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered."""

    status: int
    content_type: str
    body: bytes


@dataclass(slots=True)
class Turn:
    """The only call of its caller and key at this moment; `kept` is what it was answered before, if it was."""

    kept: Answer | None
    _digests: tuple[str, str] = field(repr=False)
    _now: datetime

    def keep(self, answer: Answer) -> None:
        """Keep the answer of a call that did something, in the same transaction."""
        digest, request_digest = self._digests
        KeptAnswer.objects.create(
            digest=digest,
            request_digest=request_digest,
            status=answer.status,
            content_type=answer.content_type,
            body=answer.body,
            kept_at=self._now,
        )

    def undo(self) -> None:
        """Let nothing stand of what the call wrote."""
        transaction.set_rollback(True)


@contextmanager
def take_turn(*, caller: str, key: str, request_digest: str, now: datetime) -> Iterator[Turn]:
    """Let the calls of one caller under one key come one after another, each in one transaction with its answer.

    A process that is killed leaves both or neither: what it did, and the answer.

    :raises IdempotencyKeyReused: when the key's answer was to another request.
    """
    digest = hashlib.sha256(f"{caller}\0{key}".encode()).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [locks.ANSWERS, digest])
        row = KeptAnswer.objects.filter(digest=digest).first()
        if row is not None and row.request_digest != request_digest:
            raise IdempotencyKeyReused
        kept = Answer(row.status, row.content_type, bytes(row.body)) if row else None
        yield Turn(kept, (digest, request_digest), now)


def forget_answers(*, now: datetime) -> int:
    """Delete answers that were kept long enough; returns how many."""
    forgotten = 0
    while True:
        old = KeptAnswer.objects.filter(kept_at__lt=now - timedelta(hours=settings.ANSWER_KEEP_HOURS))
        batch = list(old.order_by("kept_at").values_list("pk", flat=True)[:SWEEP_SIZE])
        KeptAnswer.objects.filter(pk__in=batch).delete()
        forgotten += len(batch)
        if len(batch) < SWEEP_SIZE:
            return forgotten
