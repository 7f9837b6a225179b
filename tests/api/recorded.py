"""The examples of the published document: calls made one after the other in a small world, and what was answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import mail

from apps.accounting_offices import services as offices
from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.rules import MandatePurpose
from apps.companies import services as companies
from apps.companies.models import BankAccount, Company
from apps.invoices.services import validation
from apps.tokens.models import Connection, ConnectionRequest, SoftwareKey
from apps.tokens.services import connections, endings
from apps.tokens.services.office_access import give_office_credentials
from apps.webhooks.composing import write_bodies
from apps.webhooks.models import Message
from apps.webhooks.rules import Topic
from apps.webhooks.services import add_endpoint, send_test
from tests.factories import registry
from tests.factories.movements import book, draft
from tests.factories.wire import REFERENCE, Software, Supplier, credit, make_document
from tests.support.worker import call_beside_a_worker

# Invented, in a range that no company has; the same as in the README.
NUMBER = "0100000169"
OFFICE_NUMBER = "0199000151"
OTHER = Supplier("0101000160", "Klant NV")
UNKNOWN = "0999999922"
ENDING = ("0999999823", "0999999724")


@dataclass
class Recorder:
    """Keeps each call under the route that it shows."""

    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def keep(self, route: str, name: str, summary: str, answer: Any, body: Any = None) -> Any:
        """Keep an answer, and return its JSON."""
        request = answer.wsgi_request
        path = request.path_info + ("" if request.path_info.endswith("/") else "/")
        query = f"?{request.META['QUERY_STRING']}" if request.META["QUERY_STRING"] else ""
        example = {"name": name, "summary": summary, "call": f"{request.method} {path}{query}"}
        if body is not None:
            example["body"] = body
        self.kept.setdefault(route, []).append(example | {"status": answer.status_code, "answer": answer.json()})
        return answer.json()


@dataclass
class World:
    """Who takes part."""

    now: datetime
    run: Callable[[], int]
    office: AccountingOffice
    company: Company
    account: BankAccount
    key: SoftwareKey


def make_world(now: datetime, run: Callable[[], int]) -> World:
    """Make a company with an account, linked to its office, and a software."""
    by: dict[str, Any] = {"actor": "t", "now": now}
    office = registry.make_office(now)
    # The factory counts on from test to test, and may have given the company's own number.
    office.enterprise_number = OFFICE_NUMBER
    office.save(update_fields=["enterprise_number"])
    company = companies.register_company(enterprise_number=NUMBER, name="Loodgieterij Maes BV", language="nl", **by)
    companies.put_contact_on_file(company_uuid=company.uuid, address="an@loodgieterij-maes.example", **by)
    link: dict[str, Any] = {"company_uuid": company.uuid, "office_uuid": office.uuid, "client_code": "MAES"}
    offices.start_client_link(starts_on=date(2020, 1, 1), **link, **by)
    account = companies.add_bank_account(
        company_uuid=company.uuid, iban="BE68539007547034", currency="EUR", bic="GKCCBEBB", **by
    )
    mandate = offices.request_mandate(bank_account_uuid=account.uuid, purpose=MandatePurpose.CODA, signer="", **by)
    offices.sign_mandate(mandate_uuid=mandate.uuid, **by)
    offices.activate_mandate(mandate_uuid=mandate.uuid, starts_on=date(2020, 1, 1), **by)
    return World(now, run, office, company, account, registry.make_software(now))


def record(world: World) -> dict[str, list[dict[str, Any]]]:
    """Make every call that the document shows, and return what to write into it."""
    recorder = Recorder()
    listening = add_endpoint(
        software=world.key.software, url="http://127.0.0.1:9/hooks", topics=list(Topic), actor="t", now=world.now
    )
    world.run = _posting(world.run)
    software = _connect(world, recorder)
    _send(world, software, recorder)
    _pay(world, software, recorder)
    _read_feeds(software, recorder)
    _book(world, software, recorder)
    _read_clients(world, recorder)
    _refuse(world, software)
    _end(world)
    send_test(endpoint_uuid=listening.endpoint.uuid, actor="t", now=world.now)
    recorder.kept["webhooks"] = _told()
    return recorder.kept


def _posting(run: Callable[[], int]) -> Callable[[], int]:
    """Return what runs the reactions, and then writes what is to be posted, as soon after it happened as in life."""

    def running() -> int:
        done = run()
        write_bodies(list(Message.objects.filter(body="").order_by("id")))
        return done

    return running


def _told() -> list[dict[str, Any]]:
    """Return the first message of each kind that the software was told, as it would be posted."""
    write_bodies(list(Message.objects.filter(body="").order_by("id")))
    messages = list(Message.objects.order_by("id"))
    first = {message.topic: json.loads(message.body) for message in reversed(messages) if message.body}
    return [first[topic] for topic in sorted(first)]


def _connect(world: World, recorder: Recorder) -> Software:
    asking, stranger = Software(str(world.key.key)), Software("")
    path = "request-access-token/invoicing-software/"
    for name, summary, caller, vat in (
        ("unknown", "Nobody added this company yet", asking, UNKNOWN),
        ("impossible", "The check digits are wrong", asking, "0100000168"),
        ("no_key", "Without a software key", stranger, f"BE{NUMBER}"),
        ("sent", "A token is on its way", asking, f"BE{NUMBER}"),
    ):
        body = {"vat": vat}
        told = recorder.keep("request_access_token", name, summary, caller.post(path, body), body)
        if name == "unknown":
            waiting = told["request"]["id"]
    world.run()
    token = next(line for line in mail.outbox[-1].body.splitlines() if line.startswith("cbt-"))
    request = f"connection-requests/{told['request']['id']}/"
    recorder.keep("read_request", "sent", "The token is in the mail", asking.get(request))
    recorder.keep(
        "read_request", "waiting", "It waits for its cause to be cured", asking.get(f"connection-requests/{waiting}/")
    )
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    recorder.keep("get_credentials", "typing_error", "A typing error", asking.get(f"get-credentials/{wrong}/"))
    pair = recorder.keep(
        "get_credentials", "given", "The pair, shown this once", asking.get(f"get-credentials/{token}/")
    )
    software = Software(str(world.key.key), pair["username"], pair["password"])
    recorder.keep("read_connection", "active", "It works", software.get("connection/"))
    recorder.keep("get_credentials", "used", "The pair is in use", asking.get(f"get-credentials/{token}/"))
    recorder.keep(
        "read_connection",
        "wrong",
        "A wrong password",
        Software(str(world.key.key), pair["username"], "wrong").get("connection/"),
    )
    return software


def _send(world: World, software: Software, recorder: Recorder) -> None:
    document = make_document(world.company)
    wrong = document.replace(b">1210.00<", b">1210.01<")
    for name, summary, judged in (
        ("accepted", "It would be accepted", document),
        ("rejected", "A total that is wrong", wrong),
    ):
        answer = call_beside_a_worker(lambda judged=judged: software.validate(judged), task=validation.TASK)  # type: ignore[misc]
        recorder.keep("validate", name, summary, answer)
    recorder.keep("upload", "received", "Received, and judged in the background", software.upload(document))
    world.run()
    recorder.keep("upload", "again", "The same bytes again", software.upload(document))
    corrected = make_document(world.company, price="1100.00")
    recorder.keep("upload", "corrected", "The same number with other content: a correction", software.upload(corrected))
    other = make_document(OTHER)
    recorder.keep("upload", "other_supplier", "Another company's document", software.upload(other))
    recorder.keep("upload", "not_ubl", "No invoice", software.upload(b"<html/>"))
    recorder.keep("upload", "no_form", "Not as a form", software.post("sales-invoices/upload/", {}))
    software.upload(make_document(world.company, number="2026-0118", reference=None, customer="Café De Zwaan"))
    world.run()


def _pay(world: World, software: Software, recorder: Recorder) -> None:
    book(world.now, world.account, credit("1331.00", REFERENCE), draft("1210.00", "De Zwaan", communication="dank u"))
    world.run()
    listed = recorder.keep("list_invoices", "first", "The first page", software.get("sales-invoices/?state=accepted"))
    recorder.keep(
        "list_invoices", "malformed", "A day is no instant", software.get("sales-invoices/?changed_since=2026-11-25")
    )
    paid, opened = (_id_of(listed, number) for number in ("2026-0117", "2026-0118"))
    recorder.keep("read_invoice", "paid", "Corrected, delivered and paid", software.get(f"sales-invoices/{paid}/"))
    recorder.keep(
        "read_invoice", "unknown", "Nothing, or not yours", software.get(f"sales-invoices/{world.office.uuid}/")
    )
    recorder.keep("read_payments", "paid", "Paid by its reference", software.get(f"sales-invoices/{paid}/payments/"))
    recorder.keep(
        "read_payments", "open", "Not certain, so a person decides", software.get(f"sales-invoices/{opened}/payments/")
    )
    recorder.keep("list_movements", "first", "The first page", software.get("movements/"))
    recorder.keep("list_movements", "malformed", "A cursor of one's own making", software.get("movements/?cursor=2"))


def _id_of(listed: Any, number: str) -> str:
    return str(next(row["id"] for row in listed["results"] if row["invoice_number"] == number))


def _read_feeds(software: Software, recorder: Recorder) -> None:
    listed = recorder.keep("list_feeds", "software", "The one feed of a software", software.get("delivery/pod-client/"))
    feed = listed["feed_clients"][0]["id"]
    read = recorder.keep("read_feed", "waiting", "A statement waits", software.get(f"delivery/feed/{feed}/"))
    index = read["feed_entries"][-1]["feed_index"]
    recorder.keep(
        "download", "not_allowed", "A format that is not offered", software.get(f"delivery/download/{index}/doc/")
    )
    for body, name, summary in (
        ({"feed_offset": index}, "marked", "Marked"),
        ({"feed_offset": "5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6a"}, "unknown", "Not of this feed"),
    ):
        recorder.keep("mark_feed", name, summary, software.put(f"delivery/feed/{feed}/", body), body)
    recorder.keep("read_redeliveries", "nothing", "Nobody asked", software.get(f"delivery/redownload-feed/{feed}/"))
    body = {"feed_offset": index}
    recorder.keep(
        "mark_redeliveries", "marked", "Marked", software.put(f"delivery/redownload-feed/{feed}/", body), body
    )


def _book(world: World, software: Software, recorder: Recorder) -> None:
    username, password = give_office_credentials(office_uuid=world.office.uuid, password=None, actor="t", now=world.now)
    office = Software("", username, password)
    office.headers.pop("X-Software-Company")
    listed = software.get("sales-invoices/").json()
    booked, asked = (_id_of(listed, number) for number in ("2026-0117", "2026-0118"))
    below = f"office/sales-invoices/{asked}"
    text = {"text": "For which site was this?"}
    recorder.keep("list_feeds", "office", "A feed for each client of an office", office.get("delivery/pod-client/"))
    recorder.keep("ask", "asked", "Asked", office.post(f"{below}/question/", text), text)
    text = {"text": " "}
    recorder.keep("ask", "empty", "Without words", office.post(f"{below}/question/", text), text)
    text = {"text": "This invoice is for another company of yours."}
    recorder.keep("refuse", "refused", "Refused", office.post(f"{below}/refusal/", text), text)
    recorder.keep("book", "refused", "It was refused before", office.post(f"{below}/booked/", {}))
    recorder.keep("book", "booked", "Booked", office.post(f"office/sales-invoices/{booked}/booked/", {}))
    late = make_document(world.company, price="1200.00")
    recorder.keep("upload", "locked", "A correction that comes too late", software.upload(late))


def _read_clients(world: World, recorder: Recorder) -> None:
    username, password = give_office_credentials(office_uuid=world.office.uuid, password=None, actor="t", now=world.now)
    office = Software("", username, password)
    office.headers.pop("X-Software-Company")
    recorder.keep("list_fiduciaries", "office", "The office", office.get("fiduciaries/"))
    recorder.keep("read_fiduciary", "office", "The office", office.get(f"fiduciaries/{world.office.uuid}/"))
    recorder.keep("list_clients", "found", "By its number", office.get(f"clients/?vat=BE{NUMBER}"))
    recorder.keep("list_clients", "impossible", "The check digits are wrong", office.get("clients/?vat=0100000168"))
    recorder.keep("read_client", "client", "A client", office.get(f"clients/{world.company.uuid}/"))


def _refuse(world: World, software: Software) -> None:
    """Have an invoice and a correction rejected, for what is told of them."""
    for number in ("2026-0119", "2026-0120"):
        sent = make_document(world.company, number=number)
        if number == "2026-0120":
            software.upload(sent)
            world.run()
        software.upload(sent.replace(b">1210.00<", b">1210.01<"))
        world.run()


def _end(world: World) -> None:
    """Let a connection stop, go on and end, and requests end without one, for what is told of them."""
    by: dict[str, Any] = {"actor": "t", "now": world.now}
    connection = {"connection_uuid": Connection.objects.get(company=world.company).uuid, **by}
    connections.suspend_connection(code="office_not_client", **connection)
    world.run()
    connections.resume_connection(**connection)
    world.run()
    connections.revoke_connection(**connection)
    world.run()
    asking = Software(str(world.key.key))
    for number in ENDING:
        asking.post("request-access-token/invoicing-software/", {"vat": number})
    asked = ConnectionRequest.objects.filter(enterprise_number__in=ENDING).order_by("id")
    withdrawn, closed = (request.uuid for request in asked)
    endings.withdraw_request(request_uuid=withdrawn, **by)
    endings.close_request(request_uuid=closed, message="This number is no company's.", **by)
    endings.expire_requests(now=world.now + timedelta(days=settings.REQUEST_LIFE_DAYS + 1))
    world.run()


def written(examples: dict[str, Any]) -> str:
    """Return the examples as they are committed."""
    return json.dumps(examples, indent=1, ensure_ascii=False) + "\n"
