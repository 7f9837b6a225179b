"""A software that listens, and its client."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.tokens.models import Software
from apps.webhooks import services
from apps.webhooks.dispatching import dispatch
from apps.webhooks.models import Endpoint, Message
from apps.webhooks.rules import Topic
from tests.factories import registry
from tests.support.receiver import Receiver, receiver

TOPICS = [topic.value for topic in Topic]


@dataclass
class Ear:
    """An endpoint, its secret, and the server behind it."""

    endpoint: Endpoint
    secret: str
    server: Receiver

    def reload(self) -> Endpoint:
        self.endpoint.refresh_from_db()
        return self.endpoint

    def queue(self, count: int, *, now: datetime) -> list[str]:
        """Let so many messages be due; returns their ids."""
        made = [
            services.send_test(endpoint_uuid=self.endpoint.uuid, actor="t", now=now + timedelta(milliseconds=number))
            for number in range(count)
        ]
        return [str(message.uuid) for message in made]


@pytest.fixture(autouse=True)
def short_patience(settings: Any) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 0.3


@pytest.fixture
def software(db: None, now: datetime) -> Software:
    return registry.make_software(now).software


def listen(software: Software, server: Receiver, now: datetime, topics: list[str] = TOPICS) -> Ear:
    """Have a software told at a server."""
    made = services.add_endpoint(software=software, url=server.url, topics=topics, actor="t", now=now)
    return Ear(made.endpoint, made.secret, server)


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def ear(software: Software, server: Receiver, now: datetime) -> Ear:
    return listen(software, server, now)


@pytest.fixture
def send(now: datetime) -> Callable[..., int]:
    """Return a function that does what the worker does, so long after now."""

    def go(after: timedelta = timedelta(seconds=1)) -> int:
        return dispatch(read_clock=lambda: clock.now() + after)

    return go


def states() -> dict[str, str]:
    """Return where each message stands, by its id."""
    return {str(uuid): state for uuid, state in Message.objects.values_list("uuid", "state")}
