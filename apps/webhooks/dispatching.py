"""Sending what is due. The row is the queue; nothing is sent inside a transaction.

One process at a time sends, so that slow receivers never take more than one worker: it talks to many endpoints at
once, each in a thread that knows no table, and to each with one message at a time. An attempt is written before it
begins and ended after it, with the message. Killed in between, the message is sent again under the same id.
"""

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core import locks, queue
from apps.core.sealing import unseal
from apps.tokens.rules import SoftwareState
from apps.webhooks.composing import write_bodies
from apps.webhooks.models import Attempt, Endpoint, Message
from apps.webhooks.posting import Answer, Line, NotTaken
from apps.webhooks.results import end_interrupted, give_up_untold, record_failure, record_success
from apps.webhooks.rules import EndpointState
from apps.webhooks.signing import sign

logger = logging.getLogger(__name__)

DISPATCH_TASK: Final = "webhooks.dispatch"
# The purpose under which the secrets of endpoints are encrypted.
SEALED_FOR: Final = "webhook endpoint"
# So many endpoints are talked to at once.
AT_ONCE: Final = 32
# Read, and put into words, so many of an endpoint's messages at once.
READ_AHEAD: Final = 50
# No go begins anything after so long, lest it hold a worker while other work waits; the next go comes after that work.
LONGEST_GO: Final = timedelta(seconds=20)
# Endpoints that have something to do by now are looked for so often while others are waited for.
_LOOK_SECONDS: Final = 0.5


def dispatch(*, read_clock: Callable[[], datetime]) -> int:
    """Send what is due, for a while; returns how many messages were taken. Returns at once when another process sends.

    The clock is read for each message, since a go takes a while.
    """
    with locks.try_hold(locks.WEBHOOKS, 0) as is_mine:
        if not is_mine:
            return 0
        end_interrupted(now=read_clock())
        return _Go(read_clock).run() if endpoints_with_work(read_clock()).exists() else 0


def endpoints_with_work(now: datetime) -> QuerySet[Endpoint]:
    """Return the endpoints that something is due for now, those that waited longest first."""
    due = Message.objects.filter(endpoint=OuterRef("pk"), due_at__lte=now)
    active = Endpoint.objects.filter(state=EndpointState.ACTIVE).exclude(software__state=SoftwareState.DISABLED)
    ready = active.filter(Q(retry_at=None) | Q(retry_at__lte=now))
    return ready.filter(Exists(due)).order_by("delivered_at", "pk")


@dataclass(slots=True)
class _Lane:
    """One endpoint in this go: its connection, and the messages that were read ahead."""

    line: Line
    messages: deque[Message] = field(default_factory=deque)


class _Go:
    def __init__(self, read_clock: Callable[[], datetime]) -> None:
        self.read_clock = read_clock
        self.lanes: dict[int, _Lane] = {}
        self.under_way: dict[Future[Answer], tuple[int, Attempt]] = {}
        # Those that just got an answer, and may have something more to be told.
        self.free: set[int] = set()
        self.looked_at = 0.0
        self.taken = 0

    def run(self) -> int:
        """Begin, wait and record until nothing is due and nothing under way, or the time is over."""
        until = self.read_clock() + LONGEST_GO
        try:
            with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
                self._work(pool, until)
        finally:
            for lane in self.lanes.values():
                lane.line.close()
        if endpoints_with_work(self.read_clock()).exists():
            queue.nudge(DISPATCH_TASK)
        return self.taken

    def _work(self, pool: ThreadPoolExecutor, until: datetime) -> None:
        while True:
            if self.read_clock() < until:
                self._begin(pool)
            if not self.under_way:
                return
            done, _waiting = wait(self.under_way, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                self._end(future)

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        busy = {endpoint_id for endpoint_id, _attempt in self.under_way.values()}
        ready = endpoints_with_work(self.read_clock()).exclude(pk__in=busy)
        if monotonic() - self.looked_at < _LOOK_SECONDS:
            ready = ready.filter(pk__in=self.free)
        else:
            self.looked_at = monotonic()
        self.free.clear()
        for endpoint in ready[: AT_ONCE - len(busy)]:
            if message := self._next_message(endpoint):
                self._send(pool, endpoint, message)

    def _next_message(self, endpoint: Endpoint) -> Message | None:
        lane = self.lanes.get(endpoint.pk)
        if lane is not None and lane.line.url != endpoint.url:
            lane.line.close()
            lane = None
        if lane is None:
            lane = self.lanes[endpoint.pk] = _Lane(Line(endpoint.url))
        if not lane.messages:
            now = self.read_clock()
            due = Message.objects.filter(endpoint=endpoint, due_at__lte=now).order_by("due_at", "id")
            found = list(due[:READ_AHEAD])
            untold = write_bodies(found)
            give_up_untold(messages=untold, now=now)
            lane.messages.extend(message for message in found if message.body)
        return lane.messages.popleft() if lane.messages else None

    def _send(self, pool: ThreadPoolExecutor, endpoint: Endpoint, message: Message) -> None:
        now = self.read_clock()
        attempt = Attempt(message=message, url=endpoint.url, started_at=now)
        try:
            signed = sign(message_uuid=message.uuid, body=message.body, keys=keys_of(endpoint, now), at=now)
        except InvalidToken:
            attempt.save()
            record_failure(attempt=attempt, error=NotTaken("secret_unreadable"), now=now)
            return
        attempt.signature = signed["webhook-signature"]
        attempt.save()
        headers = {"Content-Type": "application/json", "User-Agent": _agent(), **signed}
        posted = pool.submit(
            self.lanes[endpoint.pk].line.post,
            headers=headers,
            body=message.body.encode(),
            seconds=settings.WEBHOOK_TIMEOUT_SECONDS,
        )
        self.under_way[posted] = (endpoint.pk, attempt)

    def _end(self, future: Future[Answer]) -> None:
        endpoint_id, attempt = self.under_way.pop(future)
        self.free.add(endpoint_id)
        now = self.read_clock()
        try:
            answer = future.result()
        except NotTaken as error:
            record_failure(attempt=attempt, error=error, now=now)
        except Exception as error:
            # Left to itself it would be tried anew at once, for ever.
            logger.exception("message %s failed unexpectedly", attempt.message_id)
            record_failure(attempt=attempt, error=NotTaken("unexpected", type(error).__name__), now=now)
        else:
            record_success(attempt=attempt, answer=answer, now=now)
            self.taken += 1


def _agent() -> str:
    """Return who calls; a header holds no letters beyond ASCII, and the operator's name may have some."""
    name = "".join(char for char in settings.SITE_NAME if char.isascii() and char.isalnum())
    return f"{name}-Webhooks/1"


def keys_of(endpoint: Endpoint, now: datetime) -> list[str]:
    """Return the secrets that sign today: the present one, and the former one while receivers may still have it.

    :raises cryptography.fernet.InvalidToken: when they were encrypted with another key.
    """
    sealed = [endpoint.sealed_secret]
    if endpoint.former_sealed_secret and endpoint.former_until and endpoint.former_until > now:
        sealed.append(endpoint.former_sealed_secret)
    return [unseal(secret, purpose=SEALED_FOR) for secret in sealed]
