"""`GET /v2/sales-invoices/{id}/payments/` and `GET /v2/movements/`: what pays what, and nothing of others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.companies.models import BankAccount
from apps.core.structured_communication import make_structured_communication
from apps.reconciliation import received
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement, Statement
from apps.tokens.models import Connection
from apps.tokens.rules import BankAccess
from apps.tokens.services.connections import choose_bank_access
from tests.factories import registry
from tests.factories.movements import book
from tests.factories.registry import Connected
from tests.factories.wire import REFERENCE, Software, credit, make_document

pytestmark = pytest.mark.django_db
Bank = Callable[..., None]
Sell = Callable[..., str]


@pytest.fixture
def account(now: datetime) -> BankAccount:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))


@pytest.fixture
def software(now: datetime, account: BankAccount) -> Connected:
    return registry.connect(now, account.company, registry.make_software(now))


@pytest.fixture
def other(now: datetime, account: BankAccount) -> Connected:
    return registry.connect(now, account.company, registry.make_software(now, slug="onfact"))


@pytest.fixture
def sell(run_reactions: Callable[[], int]) -> Sell:
    """Return a function that uploads an invoice of 1,210.00 and returns its id."""

    def selling(by: Connected, number: str, reference: str | None = None, customer: str = "Klant NV") -> str:
        document = make_document(by.company, number=number, reference=reference, customer=customer)
        invoice_id: str = Software.of(by).upload(document).json()["id"]
        run_reactions()
        return invoice_id

    return selling


@pytest.fixture
def bank(now: datetime, account: BankAccount, run_reactions: Callable[[], int]) -> Bank:
    def banking(*movements: MovementDraft) -> None:
        book(now, account, *movements)
        run_reactions()

    return banking


def written(amount: str, text: str = "") -> MovementDraft:
    return replace(credit(amount, "", iban="BE68539007547034"), communication=text)


def payments(by: Connected, invoice_id: str, **headers: str) -> Any:
    answer = Software.of(by).get(f"sales-invoices/{invoice_id}/payments/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def movements(by: Connected, query: str = "") -> Any:
    answer = Software.of(by).get(f"movements/{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def amounts(page: Any) -> list[str]:
    return [row["amount"] for row in page["results"]]


def test_a_paid_invoice_tells_its_payment_exactly(software: Connected, sell: Sell, bank: Bank) -> None:
    invoice = sell(software, "A", REFERENCE)
    bank(credit("1209.98"))

    told = payments(software, invoice)

    movement = Movement.objects.get()
    assert told["allocations"] == [
        {
            "movement": {
                "id": str(movement.uuid), "statement": str(movement.statement.uuid), "sequence": 1, "detail": 0,
                "entry_date": "2026-11-24", "value_date": "2026-11-24", "amount": "1209.980", "currency": "EUR",
                "counterparty_name": "Klant NV", "counterparty_iban": "BE71096123456769",
                "structured_communication": REFERENCE, "communication": None,
            },
            "amount": "1209.980", "difference": "0.020", "difference_kind": "rounding",
            "rule": "structured_communication", "by": "system", "at": told["allocations"][0]["at"],
        }
    ]  # fmt: skip
    assert (told["payment_state"], told["open_amount"], told["suggestions"]) == ("paid", "0.00", [])
    assert [text.replace("\u00a0", " ") for text in told["explanation"]] == [
        "The payment of €1,209.98 by Klant NV on 24 Nov 2026 paid this invoice.",
        "€0.02 is missing and counts as rounding.",
    ]


def test_a_credit_note_of_another_software_lowers_what_is_open_and_is_not_named(
    software: Connected, other: Connected, sell: Sell, run_reactions: Callable[[], int]
) -> None:
    invoice = sell(software, "A", REFERENCE)
    for by, number in ((software, "C-OWN"), (other, "C-OTHER")):
        note = make_document(by.company, number=number, price="100.00", reference=None, credit_note=True, about="A")
        Software.of(by).upload(note)
        run_reactions()

    told = payments(software, invoice)

    (own,) = told["credit_notes"]
    assert (told["payment_state"], told["open_amount"]) == ("open", "968.00")
    assert (own["invoice_number"], own["amount"], own["by"]) == ("C-OWN", "121.000", "system")
    assert [text.replace("\u00a0", " ") for text in told["explanation"][:2]] == [
        "A credit note took €121.00 away.",
        "Credit note C-OWN took €121.00 away.",
    ]


def test_an_open_invoice_tells_what_is_suggested_and_why_it_is_not_certain(
    software: Connected, sell: Sell, bank: Bank
) -> None:
    one, two = sell(software, "A"), sell(software, "B")
    bank(written("1210.00"))

    told = payments(software, one)

    (suggestion,) = told["suggestions"]
    assert (suggestion["amount"], suggestion["also"], suggestion["score"]) == ("1210.000", [], 45)
    assert {row["name"]: row["met"] for row in suggestion["criteria"]} == {
        "reference": False, "number": False, "amount": True, "account": False, "name": True,
    }  # fmt: skip
    assert suggestion["criteria"][2]["detail"] == "€1,210.00 is exactly what is open."
    assert "so has B of this customer" in told["explanation"][0]
    (listed,) = movements(software)["results"]
    assert listed["id"] == suggestion["movement"]["id"]
    assert [(row["invoice"], row["invoice_number"], row["amount"], row["score"]) for row in listed["suggestions"]] == [
        (one, "A", "1210.000", 45), (two, "B", "1210.000", 45),
    ]  # fmt: skip


def test_a_return_is_listed_with_what_it_took_back(software: Connected, sell: Sell, bank: Bank) -> None:
    invoice = sell(software, "A", REFERENCE)
    bank(credit("1210.00"), replace(credit("-55.00", ""), counterparty_name="Leverancier"))
    bank(credit("-1210.00"))

    page = movements(software)

    assert (amounts(page), page["next"]) == (["1210.000", "-1210.000"], None)
    assert [row["allocations"] for row in page["results"]] == [
        [{"invoice": invoice, "invoice_number": "A", "amount": "1210.000", "rule": "structured_communication"}],
        [{"invoice": invoice, "invoice_number": "A", "amount": "-1210.000", "rule": "reversal"}],
    ]


def test_a_software_sees_nothing_of_the_invoices_of_another(
    now: datetime, software: Connected, other: Connected, sell: Sell, bank: Bank
) -> None:
    reference = make_structured_communication(77)
    own, paid, twin = sell(software, "A"), sell(other, "B", reference), sell(other, "C")
    bank(credit("1210.00", reference))
    bank(credit("-1210.00", reference))
    bank(written("1210.00"))
    stranger = registry.connect(
        now, registry.make_company(now, office=registry.make_office(now)), registry.make_software(now, slug="bouwsoft")
    )

    assert amounts(movements(software)) == ["1210.000"]
    assert amounts(movements(other)) == ["1210.000", "-1210.000", "1210.000"]
    assert amounts(movements(stranger)) == []
    assert [row["invoice"] for row in movements(software)["results"][0]["suggestions"]] == [own]
    assert "another invoice" in payments(software, own)["explanation"][0]
    for by, invoice in ((software, paid), (software, twin), (stranger, own)):
        answer = Software.of(by).get(f"sales-invoices/{invoice}/payments/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_pages_follow_each_other_over_statements_with_nothing_to_show(
    monkeypatch: pytest.MonkeyPatch, software: Connected, bank: Bank
) -> None:
    monkeypatch.setattr(received.list_received, "__kwdefaults__", {"size": 2})
    monkeypatch.setattr(received, "STATEMENTS", 2)
    bank(written("1.00"), written("2.00"), written("3.00"), written("4.00"), written("5.00"))
    for _ in range(3):
        bank(replace(credit("-9.00", ""), counterparty_name="L"))
    bank(written("6.00"))

    pages, page = [], movements(software)
    while page["next"]:
        pages.append(amounts(page))
        page = movements(software, f"?cursor={page['next']}")
    pages.append(amounts(page))

    assert [amount for page in pages for amount in page] == [f"{n}.000" for n in range(1, 7)]
    assert all(len(page) <= 2 for page in pages)
    assert [] in pages


def test_only_what_was_stored_since_an_instant_is_listed_and_what_counts_later_is_not_missed(
    software: Connected, account: BankAccount, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    bank(written("1.00"))
    Statement.objects.update(state="held")
    bank(written("2.00"))
    second = Statement.objects.latest("id").counted_at
    assert second is not None

    Statement.objects.filter(state="held").update(state="imported")

    assert amounts(movements(software)) == ["2.000", "1.000"]
    later = second + timedelta(microseconds=1)
    assert amounts(movements(software, f"?since={later.isoformat().replace('+00:00', 'Z')}")) == ["1.000"]
    Statement.objects.update(counted_at=None)
    assert len(amounts(movements(software))) == 2, "rows from before count since they were stored"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("since=yesterday", "instant_malformed"), ("since=2026-11-25", "instant_malformed"),
        ("cursor=x", "cursor_malformed"), ("cursor=WyIyMDI2LTExLTI1VDEwOjAwOjAwWiIsMV0", "cursor_malformed"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(software: Connected, query: str, code: str) -> None:
    answer = Software.of(software).get(f"movements/?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_page_asks_the_same_of_the_database_whatever_its_length(software: Connected, sell: Sell, bank: Bank) -> None:
    sell(software, "A")
    sell(software, "B", REFERENCE)
    bank(credit("10.00"), written("1210.00", "bestelling 77"))
    movements(software)

    with CaptureQueriesContext(connection) as few:
        movements(software)
    bank(*(credit(f"{n}.00") for n in range(1, 9)), *(written("1210.00", f"bestelling {n}") for n in range(9)))
    with CaptureQueriesContext(connection) as many:
        assert len(movements(software)["results"]) == 19

    assert len(many) == len(few)


def test_an_unknown_invoice_is_not_found(software: Connected) -> None:
    answer = Software.of(software).get(f"sales-invoices/{UUID(int=7)}/payments/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def choose(by: Connected, access: BankAccess, now: datetime) -> None:
    connection = Connection.objects.get(company=by.company, software=by.software)
    choose_bank_access(connection_uuid=connection.uuid, access=access, actor="user:an", now=now)


def test_a_software_that_sees_everything_gets_every_movement_with_the_invoices_of_others(
    now: datetime, software: Connected, other: Connected, sell: Sell, bank: Bank
) -> None:
    sell(other, "B", REFERENCE)
    bank(credit("1210.00"), replace(credit("-50.00", ""), counterparty_iban=""))
    usual = movements(software)

    choose(software, BankAccess.EVERYTHING, now)
    all_of_it = movements(software)

    assert amounts(usual) == []
    assert amounts(all_of_it) == ["1210.000", "-50.000"]
    assert [row["invoice_number"] for row in all_of_it["results"][0]["allocations"]] == ["B"]


def test_a_software_that_sees_only_what_comes_in_gets_xml_and_no_statement(
    now: datetime, software: Connected, bank: Bank
) -> None:
    client = Software.of(software)
    client.feed_id()
    bank(credit("1210.00"), replace(credit("-50.00", ""), counterparty_iban=""))
    (entry,) = client.entries()

    choose(software, BankAccess.CREDITS, now)
    answers = {kind: client.get(f"delivery/download/{entry['feed_index']}/{kind}/") for kind in ("cod", "pdf", "xml")}

    assert client.get("delivery/pod-client/").json()["allowed_formats"] == {"coda": ["xml"]}
    assert {kind: answer.status_code for kind, answer in answers.items()} == {"cod": 404, "pdf": 404, "xml": 200}
    assert b"50.00" not in answers["xml"].content
    assert client.get(f"delivery/redownload/{entry['feed_index']}/cod/").status_code == 404
    assert amounts(movements(software)) == ["1210.000"]
