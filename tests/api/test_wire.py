"""The wire API through HTTP, as clients of the public protocol use it."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.events.models import Event, PendingReaction
from apps.events.services import run_reaction
from apps.events.tasks import call_task
from apps.statements.services.intake import import_coda_file, receive_coda_file
from apps.tokens.models import AccessToken, ConnectionRequest, NonActivationCase, SoftwareKey
from tests.factories import registry
from tests.factories.wire import Software, credit, make_coda, make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    return registry.make_software(now)


@pytest.fixture
def connected(now: datetime, office: AccountingOffice, key: SoftwareKey) -> registry.Connected:
    return registry.connect(now, registry.make_company(now, office=office), key)


def token_in_mail() -> str:
    return next(line for line in mail.outbox[-1].body.splitlines() if line.startswith("cbt-"))


def test_a_token_is_mailed_and_gives_credentials_that_work(
    now: datetime, office: AccountingOffice, key: SoftwareKey, run_reactions: Callable[[], int]
) -> None:
    company = registry.make_company(now, office=office, email="an@example.be")
    software = Software(str(key.key))

    asked = software.post("request-access-token/invoicing-software/", {"vat": f"BE {company.enterprise_number}"})
    run_reactions()
    given = software.get(f"get-credentials/{token_in_mail()}")

    assert asked.status_code == 201
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.json()["code"] == "token_sent"
    assert asked.json()["detail"] == "A code was sent to a***@example.be."
    assert given.status_code == 200
    assert given.headers["Cache-Control"] == "no-store"
    assert len(given.json()["username"]) == 30
    pair = given.json()
    listed = Software(str(key.key), pair["username"], pair["password"]).get("delivery/pod-client/")
    assert listed.status_code == 200
    request = software.get(f"connection-requests/{asked.json()['request']['id']}/").json()
    assert (request["state"], request["refusal"]) == ("activated", None)


@pytest.mark.parametrize(
    ("prepare", "status", "code"),
    [
        ("unknown", 404, "enterprise_unknown"),
        ("inactive", 409, "company_inactive"),
        ("no_office", 409, "no_accounting_office"),
        ("not_client", 409, "office_not_client"),
        ("no_email", 409, "email_unknown"),
        ("bounced", 409, "email_undeliverable"),
    ],
)
def test_a_refusal_is_data_keeps_the_request_waiting_and_opens_one_case(
    now: datetime, office: AccountingOffice, key: SoftwareKey, prepare: str, status: int, code: str
) -> None:
    number = _prepare(prepare, now, office)
    software = Software(str(key.key))

    answers = [software.post("request-access-token/invoicing-software", {"vat": number}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, status]
    body = answers[0].json()
    assert body["code"] == code
    assert {"detail", "title", "cause", "remedy", "actor", "contact", "message", "request", "retryable"} <= set(body)
    assert body["request"]["state"] == "waiting"
    assert answers[1].json()["request"]["id"] == body["request"]["id"]
    assert NonActivationCase.objects.get().code == code
    assert not AccessToken.objects.exists()
    assert Event.objects.filter(name="connection_request.refused").count() == 1


def _prepare(what: str, now: datetime, office: AccountingOffice) -> str:
    from apps.companies import services
    from apps.companies.rules import CompanyState, ContactState

    if what == "unknown":
        return "0999999922"
    linked = {"no_office": None, "not_client": registry.make_office(now, is_client=False)}.get(what, office)
    company = registry.make_company(now, office=linked, email=None if what == "no_email" else "x@example.be")
    if what == "inactive":
        services.set_company_state(company_uuid=company.uuid, state=CompanyState.CEASED, actor="t", now=now)
    if what == "bounced":
        services.set_contact_state(company_uuid=company.uuid, state=ContactState.BOUNCED, actor="t", now=now)
    return company.enterprise_number


@pytest.mark.parametrize("refused_for", ["unknown", "inactive", "no_office", "not_client", "no_email", "bounced"])
def test_a_refused_request_activates_itself_once_its_cause_is_cured(
    now: datetime, office: AccountingOffice, key: SoftwareKey, run_reactions: Callable[[], int], refused_for: str
) -> None:
    number = _prepare(refused_for, now, office)
    software = Software(str(key.key))
    refused = software.post("request-access-token/invoicing-software", {"vat": number}).json()

    _cure(refused_for, number, now, office)
    run_reactions()

    request = software.get(f"connection-requests/{refused['request']['id']}").json()
    assert (request["state"], request["refusal"]) == ("token_sent", None)
    assert request["token_expires_at"].endswith("Z")
    assert set(NonActivationCase.objects.values_list("state", flat=True)) == {"resolved"}
    assert software.get(f"get-credentials/{token_in_mail()}").status_code == 200


def _cure(what: str, number: str, now: datetime, office: AccountingOffice) -> None:
    from apps.accounting_offices import services as offices
    from apps.companies import services
    from apps.companies.rules import CompanyState, ContactState

    by: dict[str, Any] = {"actor": "staff:1", "now": now}
    if what == "unknown":
        services.register_company(enterprise_number=number, name="Nieuw", language="nl", **by)
    company = Company.objects.get(enterprise_number=number)
    if what == "inactive":
        services.set_company_state(company_uuid=company.uuid, state=CompanyState.ACTIVE, **by)
    if what in {"unknown", "no_office"}:
        link: dict[str, Any] = {"company_uuid": company.uuid, "office_uuid": office.uuid, "client_code": ""}
        offices.start_client_link(starts_on=date(2020, 1, 1), **link, **by)
    if what == "not_client":
        offices.approve_office(office_uuid=company.client_links.get().office.uuid, **by)
    if what in {"unknown", "no_email"}:
        services.put_contact_on_file(company_uuid=company.uuid, address="nu@example.be", **by)
    if what == "bounced":
        services.set_contact_state(company_uuid=company.uuid, state=ContactState.ON_FILE, **by)


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({}, '{"vat": "0123456749"}', 403, "software_key_missing"),
        ({"X-Software-Company": "nonsense"}, '{"vat": "0123456749"}', 403, "software_key_unknown"),
        (None, "not json", 400, "malformed_request"),
        (None, "[]", 400, "malformed_request"),
        (None, "{}", 400, "vat_missing"),
        (None, '{"vat": 12}', 400, "vat_missing"),
        (None, '{"vat": "0123456748"}', 400, "vat_invalid"),
    ],
)
def test_a_wrong_call_leaves_no_request(
    key: SoftwareKey, headers: dict[str, str] | None, body: str, status: int, code: str
) -> None:
    sent = {"X-Software-Company": str(key.key)} if headers is None else headers

    answer = Client().post(
        "/v2/request-access-token/invoicing-software/", body, content_type="application/json", headers=sent
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not ConnectionRequest.objects.exists()


def test_the_detail_is_in_the_language_of_the_reader_then_of_the_company_then_dutch(
    now: datetime, office: AccountingOffice, key: SoftwareKey
) -> None:
    company = registry.make_company(now, office=office, email=None, language="fr")
    path = "/v2/request-access-token/invoicing-software"
    body = json.dumps({"vat": company.enterprise_number})
    software = {"X-Software-Company": str(key.key)}

    details = {
        language: Client()
        .post(path, body, content_type="application/json", headers=software | {"Accept-Language": language})
        .json()["detail"]
        for language in ("nl", "fr", "en", "de", "")
    }

    assert len({details[language] for language in ("nl", "fr", "en", "de")}) == 4
    assert details[""] == details["fr"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_every_call_answers_directly_with_and_without_a_slash(connected: registry.Connected, slash: str) -> None:
    software = Software.of(connected)
    feed = software.feed_id()

    paths = ["delivery/pod-client", f"delivery/feed/{feed}", f"delivery/redownload-feed/{feed}"]

    for path in paths:
        answer = software.get(path + slash)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json"), path


def test_a_statement_is_listed_downloaded_in_every_format_and_marked(
    now: datetime, connected: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    software = Software.of(connected)
    feed = software.feed_id()
    account = registry.make_account(now, connected.company)
    for number in (213, 214):
        content = make_coda(account.iban, credit(f"{number}.00"), number=number)
        received = receive_coda_file(content=content, name="f.cod", actor="test", now=now)
        import_coda_file(coda_file_uuid=received.uuid, now=now)
    run_reactions()

    entries = software.entries()

    assert [entry["metadata"]["first_statement_number"] for entry in entries] == [213, 214]
    assert entries[0]["metadata"] == {
        "movement_count": 1, "first_statement_number": 213, "last_statement_number": 213,
        "new_balance_date": "2026-11-24", "iban": account.iban, "bank_id": "GKCCBEBB", "currency": "EUR",
        "extension_zone": None,
    }  # fmt: skip
    index = entries[0]["feed_index"]
    cod = software.get(f"delivery/download/{index}/cod")
    assert cod.headers["Content-Type"] == "application/vnd.coda"
    assert cod.content.isascii()
    assert {len(line) for line in cod.content.decode().splitlines()} == {128}
    xml = software.get(f"delivery/download/{index}/xml/")
    assert (xml.headers["Content-Type"], b"213.00" in xml.content) == ("application/xml", True)
    assert software.get(f"delivery/download/{index.upper()}/pdf/").content.startswith(b"%PDF-")
    assert software.get(f"delivery/download/{index}/doc/").status_code == 404

    marked = software.put(f"delivery/feed/{feed}/", {"feed_offset": index, "id": feed})
    assert (marked.status_code, marked.json()) == (200, {"id": feed, "feed_offset": index})
    assert [entry["feed_index"] for entry in software.entries()] == [entries[1]["feed_index"]]
    software.put(f"delivery/feed/{feed}", {"feed_offset": entries[1]["feed_index"]})
    back = software.put(f"delivery/feed/{feed}", {"feed_offset": index})
    assert (back.status_code, back.json()["feed_offset"]) == (200, entries[1]["feed_index"])
    assert software.entries() == []
    assert software.get(f"delivery/download/{index}/cod").status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "feed_offset_missing"),
        ({"feed_offset": 12}, "feed_offset_missing"),
        ({"feed_offset": "nonsense"}, "feed_offset_missing"),
        ({"feed_offset": "5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6a"}, "feed_offset_unknown"),
        ([], "malformed_request"),
    ],
)
def test_a_wrong_offset_is_refused_and_moves_nothing(connected: registry.Connected, body: Any, code: str) -> None:
    software = Software.of(connected)

    answer = software.put(f"delivery/feed/{software.feed_id()}/", body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_redelivery_lists_what_was_asked_until_it_is_marked_there(
    now: datetime, connected: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    from uuid import UUID

    from apps.delivery.services import ask_redelivery

    software = Software.of(connected)
    feed = software.feed_id()
    account = registry.make_account(now, connected.company)
    received = receive_coda_file(content=make_coda(account.iban), name="f.cod", actor="test", now=now)
    import_coda_file(coda_file_uuid=received.uuid, now=now)
    run_reactions()
    index = software.entries()[0]["feed_index"]
    software.put(f"delivery/feed/{feed}/", {"feed_offset": index})
    assert software.get(f"delivery/redownload-feed/{feed}/").json()["feed_entries"] == []

    from apps.core import clock

    for day in (-40, 0):  # the first wish has left the list by itself
        ask_redelivery(entry_uuid=UUID(index), actor="staff:1", now=clock.now() + timedelta(days=day))
    again = software.get(f"delivery/redownload-feed/{feed}/").json()

    assert (again["type"], [entry["feed_index"] for entry in again["feed_entries"]]) == ("redownload", [index])
    assert software.get(f"delivery/redownload/{index}/cod/").status_code == 200
    assert software.put(f"delivery/redownload-feed/{feed}/", {"feed_offset": index}).status_code == 200
    assert software.get(f"delivery/redownload-feed/{feed}/").json()["feed_entries"] == []


def test_an_office_reads_its_clients_invoices_from_its_feed(
    now: datetime, office: AccountingOffice, connected: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    from apps.tokens.services.office_access import give_office_credentials

    document = make_document(connected.company)
    sent = Software.of(connected)
    uploaded = sent.upload(document).json()
    run_reactions()
    username, password = give_office_credentials(office_uuid=office.uuid, password=None, actor="test", now=now)
    reader = Software("", username, password)
    reader.headers.pop("X-Software-Company")

    listed = reader.get("delivery/pod-client/").json()
    entries = reader.entries()

    assert listed["allowed_formats"] == {"coda": ["cod", "pdf", "xml"], "sales_invoice": ["pdf", "xml"]}
    assert [client["client_name"] for client in listed["feed_clients"]] == [connected.company.name]
    assert entries[0]["document_model"] == "sales_invoice"
    assert entries[0]["metadata"]["total_amount"] == "1210.00"
    index = entries[0]["feed_index"]
    assert reader.get(f"delivery/download/{index}/xml").content == document
    assert reader.get(f"delivery/download/{index}/pdf").content.startswith(b"%PDF-")
    deliveries = sent.get(f"sales-invoices/{uploaded['id']}/").json()["deliveries"]
    assert {d["channel"]: d["state"] for d in deliveries} == {"inbox": "delivered", "feed": "fetched"}


def test_a_check_that_is_held_for_support_stands_on_the_timeline(now: datetime, connected: registry.Connected) -> None:
    software = Software.of(connected)
    sent = software.upload(make_document(connected.company)).json()
    pending = PendingReaction.objects.get(event__name="invoice.received")
    PendingReaction.objects.filter(pk=pending.pk).update(deaths=4, started_at=now)

    assert not run_reaction(pending_id=pending.pk, run=call_task, now=now)

    read = software.get(f"sales-invoices/{sent['id']}/").json()
    assert read["state"] == "received"
    assert [line["event"] for line in read["timeline"]] == ["received", "held_for_support"]


def test_strangers_find_nothing(now: datetime, office: AccountingOffice, connected: registry.Connected) -> None:
    owner = Software.of(connected)
    invoice = owner.upload(make_document(connected.company)).json()["id"]
    other_key = registry.make_software(now, slug="onfact")
    stranger = Software.of(registry.connect(now, registry.make_company(now, office=office), other_key))

    answers = [
        stranger.get(f"delivery/feed/{owner.feed_id()}/"),
        stranger.put(f"delivery/feed/{owner.feed_id()}/", {"feed_offset": "5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6a"}),
        stranger.get(f"sales-invoices/{invoice}/"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 3


def test_wrong_and_missing_logins_are_401_with_a_challenge(connected: registry.Connected) -> None:
    wrong = Software(connected.key, connected.username, "wrong").get("delivery/pod-client/")
    missing = Software(connected.key).get("delivery/pod-client/")
    of_other = Software("3f0f4a0e-6f7b-4a39-9d0c-7a5b6f0c1e11", connected.username, connected.password)

    assert (wrong.status_code, wrong.json()["code"]) == (401, "credentials_wrong")
    assert (missing.status_code, missing.json()["code"]) == (401, "credentials_missing")
    assert wrong.headers["WWW-Authenticate"].startswith("Basic")
    assert of_other.get("delivery/pod-client/").json()["code"] == "software_key_unknown"


def test_a_revoked_connection_is_401(now: datetime, connected: registry.Connected) -> None:
    from apps.tokens.models import Connection
    from apps.tokens.services.connections import revoke_connection

    revoke_connection(connection_uuid=Connection.objects.get().uuid, actor="staff:1", now=now)

    answer = Software.of(connected).get("delivery/pod-client/")

    assert (answer.status_code, answer.json()["code"]) == (401, "connection_revoked")


def test_a_suspended_connection_reads_on_but_does_not_upload(now: datetime, connected: registry.Connected) -> None:
    from apps.tokens.models import Connection
    from apps.tokens.services.connections import suspend_connection

    suspend_connection(connection_uuid=Connection.objects.get().uuid, code="office_not_client", actor="system", now=now)
    software = Software.of(connected)

    refused = software.upload(make_document(connected.company))

    assert (refused.status_code, refused.json()["code"]) == (403, "connection_suspended")
    assert software.get("delivery/pod-client/").status_code == 200


def test_a_poll_with_nothing_new_costs_two_queries_and_writes_nothing(
    connected: registry.Connected, django_assert_num_queries: Any
) -> None:
    software = Software.of(connected)
    feed = software.feed_id()

    with django_assert_num_queries(2) as captured:
        software.get(f"delivery/feed/{feed}/")

    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/v2/"),
        ("get", "/v2"),
        ("get", "/v2/nothing/at/all/"),
        ("post", "/v2/delivery/pod-client/"),
        ("delete", "/v2/request-access-token/invoicing-software/"),
        ("get", "/v2/delivery/feed/nonsense/"),
        ("get", "/v2/delivery/feed/99999999999999999999/"),
        ("get", "/v2/delivery/download/nonsense/cod/"),
        ("get", "/v2/sales-invoices/nonsense/"),
        ("get", "/v2/get-credentials/nonsense/"),
        ("get", "/v2/get-credentials/%00/"),
        ("get", "/v2/%00/"),
    ],
)
def test_every_error_is_json_with_a_detail(method: str, path: str) -> None:
    answer = getattr(Client(raise_request_exception=False), method)(path)

    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"] == "application/json"
    assert isinstance(answer.json()["detail"], str)
    assert answer.json()["detail"]


def test_a_bad_host_and_a_failure_of_ours_are_json_too(
    connected: registry.Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.delivery import selectors

    bad_host = Client().get("/v2/delivery/pod-client/", headers={"host": "evil.example"})

    def fail(**_kwargs: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(selectors, "list_feeds", fail)
    failure = Software.of(connected).get("delivery/pod-client/")

    assert (bad_host.status_code, bad_host.headers["Content-Type"]) == (400, "application/json")
    assert (failure.status_code, failure.json()["code"]) == (500, "internal_error")


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ({}, 400, "file_missing"),
        ({"file": b""}, 400, "file_empty"),
        ({"file": b"<html/>"}, 400, "not_ubl"),
        ({"file": b"x" * 1_500_001}, 413, "file_too_large"),
        ({"file": "y" * 2_600_000}, 413, "request_too_large"),
    ],
)
def test_a_wrong_upload_is_refused_with_its_code(
    connected: registry.Connected, settings: Any, parts: dict[str, Any], status: int, code: str
) -> None:
    settings.MAX_PART_BYTES = 1_500_000
    software = Software.of(connected)
    sent = {
        name: SimpleUploadedFile("f.xml", content) if isinstance(content, bytes) else content
        for name, content in parts.items()
    }

    answer = software.client.post("/v2/sales-invoices/", sent, headers=software.headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ("id" in answer.json()) == (code in {"file_empty", "not_ubl"})


def test_an_upload_that_is_not_multipart_is_415_and_a_json_body_without_end_is_413(
    connected: registry.Connected,
) -> None:
    software = Software.of(connected)

    as_json = software.post("sales-invoices/upload/", {})
    too_long = software.post("request-access-token/invoicing-software/", {"vat": "1" * 2_600_000})

    assert (as_json.status_code, as_json.json()["code"]) == (415, "unsupported_media_type")
    assert (too_long.status_code, too_long.json()["code"]) == (413, "request_too_large")
