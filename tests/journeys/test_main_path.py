"""The whole promise through HTTP: connect, send, deliver, pay, read; what is killed on the way is done all the same."""

import base64
import http.cookiejar
import json
import os
import re
import signal
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from redis import Redis

from apps.core.mail import text_part
from apps.core.structured_communication import make_structured_communication
from tests.factories.wire import credit, make_coda, make_document
from tests.journeys.conftest import Instance, eventually


class Wire:
    """A software that calls the API over a real connection."""

    def __init__(self, base: str, key: str) -> None:
        self.base = f"{base}/v2"
        self.headers = {"X-Software-Company": key, "Accept-Language": "en"}

    def sign_in(self, pair: dict[str, str]) -> None:
        """Use a pair of credentials from now on."""
        login = base64.b64encode(f"{pair['username']}:{pair['password']}".encode()).decode()
        self.headers["Authorization"] = f"Basic {login}"

    def call(self, method: str, path: str, body: bytes | None = None, content_type: str = "") -> tuple[int, Any]:
        """Return the status and the JSON (or bytes) of an answer."""
        headers = self.headers | ({"Content-Type": content_type} if content_type else {})
        request = urllib.request.Request(f"{self.base}/{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, content, kind = answer.status, answer.read(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            status, content, kind = error.code, error.read(), error.headers["Content-Type"]
        return status, json.loads(content) if kind == "application/json" else content

    def request_token(self, number: str) -> tuple[int, Any]:
        """Ask for a token."""
        body = json.dumps({"vat": number}).encode()
        return self.call("POST", "request-access-token/invoicing-software/", body, "application/json")

    def upload(self, document: bytes) -> tuple[int, Any]:
        """Upload a document."""
        boundary = "a-boundary-that-no-document-holds"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="i.xml"\r\n'
        body = f"{head}Content-Type: application/xml\r\n\r\n".encode() + document + f"\r\n--{boundary}--\r\n".encode()
        return self.call("POST", "sales-invoices/upload/", body, f"multipart/form-data; boundary={boundary}")


def tokens_for(instance: Instance, address: str) -> list[str]:
    """Return the tokens mailed to an address, oldest first."""
    found = []
    for path in sorted((instance.data_dir / "mail").glob("[!.]*.eml")):
        message: Any = message_from_bytes(path.read_bytes(), policy=policy.default)
        if address in str(message["To"]):
            found += [line for line in text_part(message).splitlines() if line.startswith("cbt-")]
    return found


@pytest.fixture(scope="module")
def world(instance: Instance) -> dict[str, Any]:
    return instance.demo()


@pytest.fixture(scope="module")
def ready(world: dict[str, Any]) -> list[dict[str, str]]:
    return [company for company in world["companies"] if company["scenario"] == "ready"]


def software(instance: Instance, world: dict[str, Any], slug: str) -> Wire:
    return Wire(instance.base, next(s["key"] for s in world["software"] if s["slug"] == slug))


class _Company:
    """What a document needs to know of its supplier."""

    def __init__(self, number: str, name: str) -> None:
        self.enterprise_number = number
        self.name = name


def connect(instance: Instance, wire: Wire, company: dict[str, str]) -> None:
    status, _answer = wire.request_token(company["enterprise_number"])
    assert status == 201
    token = eventually(lambda: tokens_for(instance, company["email"]))[-1]
    status, pair = wire.call("GET", f"get-credentials/{token}/")
    assert status == 200
    wire.sign_in(pair)


def import_payment(instance: Instance, tmp_path: Path, iban: str, amount: str, reference: str, number: int) -> None:
    path = tmp_path / "bank.cod"
    path.write_bytes(make_coda(iban, credit(amount, reference), number=number))
    imported = instance.manage("import_coda", str(path))
    assert imported.returncode == 0, imported.stdout + imported.stderr


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

    document = make_document(_Company(company["enterprise_number"], company["name"]))  # type: ignore[arg-type]
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
    login = next(row for row in world["logins"] if row["place"] == company["office"])
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = browser.open(f"{instance.base}/accounts/login/").read().decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    form = {"csrfmiddlewaretoken": found[1], "login": login["email"], "password": login["password"]}
    inbox = browser.open(f"{instance.base}/accounts/login/", urllib.parse.urlencode(form).encode())
    text = inbox.read().decode()
    assert "/inbox/" in inbox.url
    assert invoice_number in text
    assert company["name"] in text


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

    document = make_document(_Company(company["enterprise_number"], company["name"]), reference=reference)  # type: ignore[arg-type]
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
    Redis.from_url(url).flushall()


def test_simultaneous_exchanges_over_http_leave_one_working_pair_each(
    instance: Instance, world: dict[str, Any], ready: list[dict[str, str]]
) -> None:
    company = ready[3]
    for slug in ("bouwsoft", "comanage", "myfact"):
        wire = software(instance, world, slug)
        before = set(tokens_for(instance, company["email"]))
        wire.request_token(company["enterprise_number"])
        # Two mails of one second have no order: the new one is the one that was not there.
        token = eventually(lambda: set(tokens_for(instance, company["email"])) - before).pop()  # noqa: B023 # called at once
        at_once = Barrier(10)

        def exchange(_number: int) -> tuple[int, Any]:
            at_once.wait()  # noqa: B023 # called within this round
            return wire.call("GET", f"get-credentials/{token}/")  # noqa: B023 # called within this round

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(exchange, range(10)))

        assert [status for status, _pair in answers] == [200] * 10
        assert [_works(wire, pair) for _status, pair in answers].count(True) == 1


def _works(wire: Wire, pair: dict[str, str]) -> bool:
    wire.sign_in(pair)
    return wire.call("GET", "delivery/pod-client/")[0] == 200
