"""The whole promise through HTTP: connect, send, deliver, pay, read; what is killed on the way is done all the same."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from apps.core.structured_communication import make_structured_communication
from tests.factories.wire import Supplier, make_document
from tests.journeys.callers import Browser, Wire, import_payment, software
from tests.journeys.instances import Instance, eventually
from tests.journeys.mail import tokens_for


@pytest.fixture(scope="module")
def ready(world: dict[str, Any]) -> list[dict[str, str]]:
    return [company for company in world["companies"] if company["scenario"] == "ready"]


def connect(instance: Instance, wire: Wire, company: dict[str, str]) -> None:
    status, _answer = wire.request_token(company["enterprise_number"])
    assert status == 201
    token = eventually(lambda: tokens_for(instance, company["email"]))[-1]
    status, pair = wire.call("GET", f"get-credentials/{token}/")
    assert status == 200
    wire.sign_in(pair)


def is_state(wire: Wire, invoice: str, **wanted: str) -> bool:
    _status, body = wire.call("GET", f"sales-invoices/{invoice}/")
    return all(body[name] == value for name, value in wanted.items())


def test_a_company_connects_sends_is_delivered_and_is_paid(
    instance: Instance, world: dict[str, Any], ready: list[dict[str, str]], tmp_path: Path
) -> None:
    company, wire = ready[1], software(instance, world, "onfact")
    connect(instance, wire, company)
    _status, pod = wire.call("GET", "delivery/pod-client/")
    feed = pod["feed_clients"][0]["id"]
    _status, before = wire.call("GET", f"delivery/feed/{feed}/")

    document = make_document(Supplier(company["enterprise_number"], company["name"]))
    status, sent = wire.upload(document)
    assert status == 201
    eventually(lambda: is_state(wire, sent["id"], state="accepted"))
    import_payment(instance, tmp_path, company["iban"], "1210.00", "090933755493", 901)
    eventually(lambda: is_state(wire, sent["id"], payment_state="paid", open_amount="0.00"))

    assert len(before["feed_entries"]) >= 5
    entries = eventually(lambda: wire.call("GET", f"delivery/feed/{feed}/")[1]["feed_entries"])
    assert entries[-1]["metadata"]["first_statement_number"] == 901
    status, cod = wire.call("GET", f"delivery/download/{entries[-1]['feed_index']}/cod/")
    assert (status, cod.isascii()) == (200, True)
    _see_it_in_the_inbox(instance, world, company, sent["invoice_number"])


def _see_it_in_the_inbox(
    instance: Instance, world: dict[str, Any], company: dict[str, str], invoice_number: str
) -> None:
    browser = Browser(instance.base)
    home = browser.sign_in(next(row for row in world["logins"] if row["place"] == company["office"]))
    found = re.search(r'href="(/offices/[^"]+/inbox/)"', home.text)
    assert found
    inbox = browser.see(found[1])
    assert invoice_number in inbox.text
    assert company["name"] in inbox.text


def test_what_is_killed_or_lost_on_the_way_is_done_after_a_restart(
    instance: Instance, world: dict[str, Any], ready: list[dict[str, str]], tmp_path: Path
) -> None:
    company, wire = ready[2], software(instance, world, "recovr")
    reference = make_structured_communication(1010000001)
    _kill_the_worker(instance)
    assert wire.request_token(company["enterprise_number"])[0] == 201
    _flush_redis(instance)
    token = eventually(lambda: tokens_for(instance, company["email"]))[-1]
    wire.sign_in(wire.call("GET", f"get-credentials/{token}/")[1])

    document = make_document(Supplier(company["enterprise_number"], company["name"]), reference=reference)
    _status, sent = wire.upload(document)
    _kill_the_worker(instance)
    import_payment(instance, tmp_path, company["iban"], "1210.00", reference, 902)
    _flush_redis(instance)
    eventually(lambda: is_state(wire, sent["id"], payment_state="paid"))

    _status, body = wire.call("GET", f"sales-invoices/{sent['id']}/")
    assert [step["event"] for step in body["timeline"]].count("validated") == 1
    assert sorted(d["channel"] for d in body["deliveries"]) == ["feed", "inbox"]
    assert tokens_for(instance, company["email"]) == [token]


def _kill_the_worker(instance: Instance) -> None:
    for pid in eventually(lambda: instance.processes("worker")):
        os.kill(pid, signal.SIGKILL)


def _flush_redis(instance: Instance) -> None:
    engines = instance.data_dir / "engines.json"
    url = instance.environment.get("REDIS_URL") or json.loads(engines.read_text())["redis_url"]
    Redis.from_url(url).flushdb()
