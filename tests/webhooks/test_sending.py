"""Messages reach real servers, whatever these do: none is lost, the log says what happened, nobody waits long."""

import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.db import connection
from standardwebhooks import Webhook, WebhookVerificationError

from apps.core import locks, targets
from apps.events.models import Event
from apps.tokens.models import Software
from apps.webhooks import services
from apps.webhooks.models import Attempt, Endpoint, Message
from apps.webhooks.rules import PAUSE_AFTER
from tests.journeys.guides import CODE
from tests.journeys.tour import ROOT
from tests.support.certificates import secure
from tests.support.killing import kill_at
from tests.support.receiver import receiver
from tests.webhooks.conftest import Ear, listen, states

Send = Callable[..., int]
A_MINUTE = timedelta(minutes=1)


def test_a_message_arrives_signed_and_its_log_says_so(ear: Ear, send: Send, now: datetime) -> None:
    [uuid] = ear.queue(1, now=now)

    assert send() == 1

    [post] = ear.server.posts
    assert (post.path, post.headers["content-type"]) == ("/hooks?of=us", "application/json")
    told = Webhook(ear.secret).verify(post.body, post.headers)
    assert told == {
        "type": "webhook.test",
        "timestamp": "2026-11-25T09:30:00Z",
        "data": {"endpoint": str(ear.endpoint.uuid)},
    }
    assert post.headers["webhook-id"] == uuid
    with pytest.raises(WebhookVerificationError):
        Webhook(ear.secret).verify(post.body.replace("test", "tost"), post.headers)
    [attempt] = Attempt.objects.all()
    assert (attempt.outcome, attempt.status, attempt.answer) == ("done", 200, "thanks")
    assert attempt.signature == post.headers["webhook-signature"]
    assert attempt.url == ear.server.url
    message = Message.objects.get()
    assert (message.state, message.due_at, message.attempt_count, message.body) == ("delivered", None, 1, post.body)
    assert send(A_MINUTE) == 0


def test_the_operators_name_may_have_any_letters(ear: Ear, send: Send, now: datetime, settings: Any) -> None:
    settings.SITE_NAME = "Könyvelő & Fils\n"
    ear.queue(1, now=now)

    assert send() == 1
    assert ear.server.posts[0].headers["user-agent"] == "KnyvelFils-Webhooks/1"


def test_many_messages_go_in_their_order_over_one_connection(ear: Ear, send: Send, now: datetime) -> None:
    uuids = ear.queue(60, now=now)

    assert send() == 60

    assert ear.server.ids == uuids
    assert ear.server.connections == 1


def test_a_server_that_ends_each_connection_gets_each_message_once(ear: Ear, send: Send, now: datetime) -> None:
    ear.server.mood = "once"
    uuids = ear.queue(3, now=now)

    assert send() == 3
    assert ear.server.ids == uuids


FAULTS = [
    (500, "status_refused", 500, "not now"),
    (404, "status_refused", 404, "not now"),
    ("redirect", "redirected", 302, "Location: http://127.0.0.1:9/elsewhere\nnot now"),
    ("garbage", "no_http", None, None),
    ("cut", "cut_off", None, ""),
    ("hang up", "connection_lost", None, None),
    ("silent", "too_slow", None, ""),
    ("dripping", "too_slow", None, ""),
]


@pytest.mark.parametrize(("mood", "code", "status", "answer"), FAULTS, ids=[str(fault[0]) for fault in FAULTS])
def test_what_a_broken_server_did_not_take_arrives_once_it_works(
    ear: Ear, send: Send, now: datetime, mood: str | int, code: str, status: int | None, answer: str | None
) -> None:
    ear.server.mood = mood
    [uuid] = ear.queue(1, now=now)

    assert send() == 0

    [attempt] = Attempt.objects.all()
    assert (attempt.outcome, attempt.code, attempt.status) == ("failed", code, status)
    if answer is not None:
        assert attempt.answer == answer
    assert (ear.reload().failures, ear.endpoint.failure_code) == (1, code)
    assert states() == {uuid: "pending"}
    ear.server.mood = 200
    ear.server.released.set()
    assert send() == 0, "it waits"
    assert send(A_MINUTE) == 1
    assert states() == {uuid: "delivered"}
    assert set(ear.server.ids) == {uuid}
    assert len({post.body for post in ear.server.posts}) == 1
    assert (ear.reload().failures, ear.endpoint.failing_since, ear.endpoint.failure_code) == (0, None, "")


def test_no_more_of_an_answer_is_read_than_its_bound(ear: Ear, send: Send, now: datetime) -> None:
    ear.server.mood = "endless"
    ear.queue(2, now=now)

    assert send() == 2
    assert {len(attempt.answer) for attempt in Attempt.objects.all()} == {2000}


def test_a_server_that_is_away_for_a_day_gets_everything_in_order(ear: Ear, send: Send, now: datetime) -> None:
    uuids = ear.queue(20, now=now)
    ear.server.shutdown()
    ear.server.server_close()

    for hours in range(25):
        send(timedelta(hours=hours, seconds=1))
    assert set(Attempt.objects.values_list("code", flat=True)) == {"unreachable"}
    assert Attempt.objects.count() <= 25, "one message at a time asks whether it is back"
    with receiver() as back:
        Endpoint.objects.update(url=back.url)
        assert send(timedelta(hours=30)) == 20
        assert sorted(back.ids) == sorted(uuids)
    assert set(states().values()) == {"delivered"}


def test_one_message_that_is_refused_holds_up_no_other(ear: Ear, send: Send, now: datetime) -> None:
    ear.queue(1, now=now)
    ear.server.mood = 422
    send()
    others = ear.queue(10, now=now)
    ear.server.mood = 200

    assert send() == 10
    assert ear.server.ids[1:] == others


def test_a_server_that_refuses_all_is_not_stormed(ear: Ear, send: Send, now: datetime) -> None:
    ear.server.mood = 500
    ear.queue(50, now=now)

    send()

    assert Attempt.objects.count() == 5
    assert ear.reload().retry_at is not None


def test_a_slow_server_slows_no_other(software: Software, now: datetime, send: Send, settings: Any) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 10
    with ExitStack() as stack:
        slow, fast = stack.enter_context(receiver()), stack.enter_context(receiver())
        slow.mood = "silent"
        # It answers only once the other one has everything: one after the other this would never end well.
        slow.released, fast.wanted = fast.enough, 30
        first, second = listen(software, slow, now), listen(software, fast, now)
        first.queue(2, now=now)
        second.queue(30, now=now)

        assert send() == 32
        assert len(fast.posts) == 30


def test_after_three_days_of_failures_it_is_paused_with_one_mail_and_loses_nothing(
    ear: Ear, send: Send, now: datetime, run_reactions: Callable[[], int]
) -> None:
    ear.endpoint.software.vendor.email = "dev@maker.example"
    ear.endpoint.software.vendor.save()
    ear.server.mood = 503
    uuids = ear.queue(3, now=now)
    for hours in range(0, 80, 4):
        send(timedelta(hours=hours, seconds=1))
    run_reactions()

    assert (ear.reload().state, ear.endpoint.stop_code) == ("paused", "status_refused")
    assert set(states().values()) == {"pending"}
    [told] = mail.outbox
    assert told.to == ["dev@maker.example"]
    assert ear.server.url in told.body
    assert "not now" in told.body
    assert Event.objects.filter(name="webhook_endpoint.stopped").count() == 1
    tried = len(ear.server.posts)
    assert send(PAUSE_AFTER + timedelta(days=2)) == 0
    assert len(ear.server.posts) == tried

    ear.server.mood = 200
    later = now + timedelta(days=6)
    services.resume(endpoint_uuid=ear.endpoint.uuid, actor="t", now=later)
    assert send(timedelta(days=6, seconds=1)) == 3
    assert ear.server.ids[-3:] == uuids
    assert (ear.reload().state, ear.endpoint.stop_code) == ("active", "")


def test_a_message_that_alone_is_refused_for_three_days_is_given_up_and_can_be_replayed(
    ear: Ear, send: Send, now: datetime
) -> None:
    [uuid] = ear.queue(1, now=now)
    for hours in range(0, 80, 8):
        ear.server.mood = 422
        send(timedelta(hours=hours, seconds=1))
        # Others are taken meanwhile.
        ear.server.mood = 200
        ear.queue(1, now=now + timedelta(hours=hours))
        Message.objects.filter(uuid=uuid, state="pending").update(due_at=now + timedelta(hours=hours + 8))
        send(timedelta(hours=hours, seconds=2))

    refused = Message.objects.get(uuid=uuid)
    assert (refused.state, refused.failure_code) == ("failed", "status_refused")
    assert ear.reload().state == "active"
    late = now + timedelta(days=4)
    services.replay_message(endpoint_uuid=ear.endpoint.uuid, message_uuid=refused.uuid, actor="t", now=late)
    assert send(timedelta(days=4, seconds=1)) == 1
    assert (ear.server.ids[-1], ear.server.posts[-1].body) == (uuid, refused.body)


def test_an_address_that_says_it_is_gone_is_paused_at_once(ear: Ear, send: Send, now: datetime) -> None:
    ear.server.mood = 410
    [uuid] = ear.queue(1, now=now)

    send()

    assert (ear.reload().state, ear.endpoint.stop_code, states()) == ("paused", "gone", {uuid: "pending"})


# A real process's connections end with it.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_sender_that_is_killed_anywhere_loses_nothing(ear: Ear, send: Send, now: datetime) -> None:
    within = ("webhooks/dispatching.py", "webhooks/results.py", "webhooks/composing.py")
    sent: list[str] = []
    for line in count(step=11):
        sent += ear.queue(2, now=now)
        was_killed = kill_at(line, send, within=within)
        lose_locks()
        send(timedelta(seconds=2))
        assert set(states().values()) == {"delivered"}, line
        if not was_killed:
            break

    assert set(ear.server.ids) == set(sent)
    assert not Attempt.objects.filter(ended_at=None).exists()
    assert Attempt.objects.filter(outcome="interrupted").exists()
    bodies = {(post.headers["webhook-id"], post.body) for post in ear.server.posts}
    assert len(bodies) == len(sent), "what came twice was the same"


def lose_locks() -> None:
    """Free what a killed process would have freed by its end; the test's own transaction goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")


ADDRESSES = ["10.0.0.7", "169.254.169.254", "192.168.1.1", "100.64.0.1", "::1", "fd00:ec2::254", "64:ff9b::a9fe:a9fe"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_of_our_own_networks_are_refused(
    ear: Ear, send: Send, now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    settings.EMBEDDED = False
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: [(family, 1, 6, "", (address, 443))])
    ear.queue(1, now=now)

    assert send() == 0
    assert Attempt.objects.get().code == "host_private"
    assert ear.server.posts == []


def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_used(
    ear: Ear, send: Send, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = ear.server.server_address[1]
    asked = count()
    answers = ["127.0.0.1", "10.0.0.7"]
    real = socket.getaddrinfo

    def rebind(host: str, *arguments: Any, **more: Any) -> Any:
        if host != "hooks.maker.example":
            return real(host, *arguments, **more)
        return [(socket.AF_INET, 1, 6, "", (answers[next(asked)], port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    Endpoint.objects.update(url=f"http://hooks.maker.example:{port}/in")
    ear.queue(1, now=now)

    assert send() == 1
    assert ear.server.posts[0].headers["host"] == f"hooks.maker.example:{port}"
    assert next(asked) == 1


def test_looking_a_name_up_takes_no_longer_than_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    bell = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: bell.wait(10))
    with pytest.raises(targets.TargetRefused) as refused:
        targets.connect("slow.example", 443, seconds=0.05)
    bell.set()
    assert refused.value.code == "unreachable"


def test_a_certificate_that_nobody_vouches_for_is_refused(
    ear: Ear, send: Send, now: datetime, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = ear.server.server_address[1]
    certificate = secure(ear.server, tmp_path)
    Endpoint.objects.update(url=f"https://127.0.0.1:{port}/in")
    ear.queue(1, now=now)

    assert send() == 0
    assert Attempt.objects.get().code == "certificate_refused"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert send(A_MINUTE) == 1
    assert len(ear.server.posts) == 1


def test_the_guide_checks_a_signature_by_code_that_works(ear: Ear, send: Send, now: datetime) -> None:
    guide = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    [snippet] = (code for language, code in CODE.findall(guide) if language == "python")
    snippet = snippet.replace("whsec_…", ear.secret)
    ear.queue(1, now=now)
    send()
    [post] = ear.server.posts

    known: dict[str, Any] = {"request": SimpleNamespace(body=post.body.encode(), headers=post.headers)}
    exec(snippet, known)
    assert known["told"]["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        exec(snippet, {"request": SimpleNamespace(body=b"{}", headers=post.headers)})


def test_two_secrets_sign_while_one_takes_over_from_the_other(ear: Ear, send: Send, now: datetime) -> None:
    made = services.rotate_secret(endpoint_uuid=ear.endpoint.uuid, actor="t", now=now)
    ear.queue(1, now=now)
    send()
    post = ear.server.posts[-1]
    assert len(post.headers["webhook-signature"].split()) == 2
    for secret in (ear.secret, made.secret):
        Webhook(secret).verify(post.body, post.headers)

    after = timedelta(hours=25)
    ear.queue(1, now=now + after)
    send(after + timedelta(seconds=1))
    assert len(ear.server.posts[-1].headers["webhook-signature"].split()) == 1
    assert made.secret not in Endpoint.objects.get().sealed_secret
    assert made.secret.startswith("whsec_")


def test_of_a_disabled_software_nothing_is_told(ear: Ear, send: Send, now: datetime) -> None:
    ear.queue(1, now=now)
    Software.objects.update(state="disabled")

    assert send() == 0
    Software.objects.update(state="live")
    assert send() == 1


def test_only_one_process_sends(ear: Ear, send: Send, now: datetime, settings: Any) -> None:
    ear.queue(1, now=now)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s, 0)", [locks.WEBHOOKS])
        assert send() == 0
        other.execute("SELECT pg_advisory_unlock(%s, 0)", [locks.WEBHOOKS])
    assert send() == 1
