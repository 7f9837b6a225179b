"""An office's own software books, asks and refuses; every state is answered as the invoice."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from apps.accounting_offices.models import AccountingOffice
from apps.events.models import Event
from apps.invoices.models import Invoice, Remark
from apps.tokens.services.office_access import give_office_credentials
from tests.conftest import NOW, react
from tests.factories import registry
from tests.factories.registry import Connected
from tests.factories.wire import Software, make_document
from tests.support.kept import Keep, Kept

pytestmark = pytest.mark.django_db


World = tuple[AccountingOffice, Connected, Invoice]


@pytest.fixture(scope="module")
def kept_world(keep: Keep[World]) -> Kept[World]:
    return keep(lambda: build(NOW))


def build(now: datetime) -> World:
    office = registry.make_office(now)
    connected = registry.connect(now, registry.make_company(now, office=office), registry.make_software(now))
    Software.of(connected).upload(make_document(connected.company, number="2026-0117"))
    react()
    return office, connected, Invoice.objects.get()


@pytest.fixture
def world(kept_world: Kept[World], settings: Any) -> World:
    return kept_world.give(settings.BLOB_DIR)


@pytest.fixture
def office(world: World) -> AccountingOffice:
    return world[0]


@pytest.fixture
def connected(world: World) -> Connected:
    return world[1]


@pytest.fixture
def invoice(world: World) -> Invoice:
    return world[2]


def reader_of(office: AccountingOffice, now: datetime) -> Software:
    username, password = give_office_credentials(office_uuid=office.uuid, password=None, actor="t", now=now)
    reader = Software("", username, password)
    reader.headers.pop("X-Software-Company")
    return reader


def test_an_office_asks_refuses_and_books(
    office: AccountingOffice, connected: Connected, invoice: Invoice, now: datetime
) -> None:
    reader, sender = reader_of(office, now), Software.of(connected)
    here = f"office/sales-invoices/{invoice.uuid}"

    asked = [reader.post(f"{here}/question/", {"text": "Which site?"}) for _ in range(2)]
    booked = [reader.post(f"{here}/booked/", {}) for _ in range(2)]

    assert [(answer.status_code, answer.json()["office_state"]) for answer in asked] == [(200, "questioned")] * 2
    assert [(answer.status_code, answer.json()["office_state"]) for answer in booked] == [(200, "booked")] * 2
    seen = sender.get(f"sales-invoices/{invoice.uuid}/").json()
    assert seen["office_state"] == "booked"
    assert [(step["event"], step["actor"]) for step in seen["timeline"]][-2:] == [
        ("questioned", "office"),
        ("booked", "office"),
    ]
    assert Remark.objects.count() == 1
    assert set(booked[0].json()) == set(seen)


def test_a_refusal_answers_with_the_invoice(office: AccountingOffice, invoice: Invoice, now: datetime) -> None:
    answer = reader_of(office, now).post(f"office/sales-invoices/{invoice.uuid}/refusal", {"text": "Not ours"})

    assert (answer.status_code, answer.json()["office_state"]) == (200, "refused")


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [
        ("booked", "question", "already_booked"),
        ("booked", "refusal", "already_booked"),
        ("refusal", "booked", "refused_by_office"),
        ("refusal", "question", "refused_by_office"),
    ],
)
def test_what_does_not_follow_is_409_and_changes_nothing(
    office: AccountingOffice, invoice: Invoice, now: datetime, first: str, then: str, code: str
) -> None:
    reader, here = reader_of(office, now), f"office/sales-invoices/{invoice.uuid}"
    reader.post(f"{here}/{first}/", {"text": "One"})
    before = (Invoice.objects.get().office_state, Remark.objects.count(), Event.objects.count())

    answer = reader.post(f"{here}/{then}/", {"text": "Two"})

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert (Invoice.objects.get().office_state, Remark.objects.count(), Event.objects.count()) == before


@pytest.mark.parametrize("kind", ["question", "refusal"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "text_missing"),
        ({"text": None}, "text_missing"),
        ({"text": ["x"]}, "text_missing"),
        ({"text": "  "}, "text_missing"),
        ({"text": "x" * 2001}, "text_too_long"),
        ([], "malformed_request"),
    ],
)
def test_a_call_without_words_is_400(
    office: AccountingOffice, invoice: Invoice, now: datetime, kind: str, body: object, code: str
) -> None:
    answer = reader_of(office, now).post(f"office/sales-invoices/{invoice.uuid}/{kind}/", body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Invoice.objects.get().office_state == "unseen"


@pytest.mark.parametrize("call", ["booked", "question", "refusal"])
def test_strangers_find_nothing(connected: Connected, invoice: Invoice, now: datetime, call: str) -> None:
    path = f"office/sales-invoices/{invoice.uuid}/{call}/"

    answers = [
        reader_of(registry.make_office(now), now).post(path, {"text": "x"}),
        Software.of(connected).post(path, {"text": "x"}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 2
    assert (Invoice.objects.get().office_state, Remark.objects.count()) == ("unseen", 0)


def test_an_office_reads_refusals_in_its_own_language(now: datetime, run_reactions: Callable[[], int]) -> None:
    office = registry.make_office(now, language="fr")
    connected = registry.connect(now, registry.make_company(now, office=office), registry.make_software(now))
    Software.of(connected).upload(make_document(connected.company))
    run_reactions()
    reader = reader_of(office, now)
    reader.headers.pop("Accept-Language")

    answer = reader.post(f"office/sales-invoices/{Invoice.objects.get().uuid}/question/", {"text": ""})

    assert answer.json()["detail"] == "Écrivez de quoi il s’agit."
