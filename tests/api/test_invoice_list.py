"""`GET /v2/sales-invoices/`: by last change of any state, page by page, nothing missed and nothing foreign."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import RequestFactory

from apps.api.v2.invoice_shapes import invoices_out
from apps.invoices import changes
from apps.invoices.models import Invoice
from apps.invoices.services.bookings import ask_question, book_invoices
from apps.reconciliation.models import Allocation
from apps.statements.services.intake import receive_coda_file
from tests.factories import registry
from tests.factories.registry import Connected
from tests.factories.wire import Software, credit, make_coda, make_document

CODES = {"cursor": "cursor_malformed", "changed_since": "instant_malformed", "state": "state_unknown"}


@pytest.fixture
def connected(db: None, now: datetime) -> Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    return registry.connect(now, company, registry.make_software(now))


def upload(connected: Connected, *numbers: str) -> None:
    for number in numbers:
        Software.of(connected).upload(make_document(connected.company, number=number))


def numbers_of(page: Any) -> list[str]:
    return [row["invoice_number"] for row in page["results"]]


def listed(connected: Connected, query: str = "") -> dict[str, Any]:
    answer = Software.of(connected).get(f"sales-invoices/{query}")
    assert answer.status_code == 200, answer.content
    page: dict[str, Any] = answer.json()
    return page


def test_it_lists_what_a_reading_of_one_answers(connected: Connected, run_reactions: Callable[[], int]) -> None:
    upload(connected, "A", "B")
    run_reactions()

    page = listed(connected)

    one_by_one = [Software.of(connected).get(f"sales-invoices/{row['id']}/").json() for row in page["results"]]
    assert (numbers_of(page), page["next"]) == (["A", "B"], None)
    assert page["results"] == one_by_one
    assert page["results"][0]["deliveries"]
    assert page["results"][0]["timeline"]


def test_what_changed_last_comes_last(connected: Connected, now: datetime, run_reactions: Callable[[], int]) -> None:
    upload(connected, "A", "B", "C")
    run_reactions()
    first = Invoice.objects.get(number="A")

    ask_question(invoice_uuid=first.uuid, text="?", actor="t", now=now)

    assert numbers_of(listed(connected)) == ["B", "C", "A"]


def test_pages_follow_each_other_and_a_change_meanwhile_comes_again(
    connected: Connected, now: datetime, monkeypatch: pytest.MonkeyPatch, run_reactions: Callable[[], int]
) -> None:
    monkeypatch.setattr(changes.list_changes, "__kwdefaults__", {"size": 2})
    upload(connected, "A", "B", "C", "D", "E")
    run_reactions()

    seen, page = [], listed(connected)
    seen += numbers_of(page)
    book_invoices(invoice_ids=[Invoice.objects.get(number=number).pk for number in ("A", "D")], actor="t", now=now)
    while page["next"]:
        page = listed(connected, f"?cursor={page['next']}")
        seen += numbers_of(page)

    assert seen == ["A", "B", "C", "E", "A", "D"]


def test_only_what_changed_since_an_instant(connected: Connected, run_reactions: Callable[[], int]) -> None:
    upload(connected, "A", "B")
    run_reactions()
    second = Invoice.objects.get(number="B").changed_at

    for text in (second.isoformat(), second.isoformat().replace("+00:00", "Z")):
        assert numbers_of(listed(connected, f"?changed_since={text}")) == ["B"]
    later = (second + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert numbers_of(listed(connected, f"?changed_since={later}")) == []


def test_only_those_in_a_state(connected: Connected, run_reactions: Callable[[], int]) -> None:
    upload(connected, "A")
    run_reactions()
    upload(connected, "B")

    assert numbers_of(listed(connected, "?state=accepted")) == ["A"]
    assert numbers_of(listed(connected, "?state=received")) == ["B"]
    assert numbers_of(listed(connected, "?state=rejected")) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cursor", "x"), ("cursor", "W10"), ("cursor", "WyIyMDI2LTExLTI1IiwxXQ"), ("cursor", "%00"),
        ("changed_since", "yesterday"), ("changed_since", "2026-11-25"), ("changed_since", "2026-11-25T10:00:00"),
        ("changed_since", "2026-13-45T10:00:00Z"), ("state", "booked"), ("state", "ACCEPTED"),
        ("changed_since", "0001-01-01T00:00:00%2B14:00"), ("cursor", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxXQ"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(connected: Connected, name: str, value: str) -> None:
    answer = Software.of(connected).get(f"sales-invoices/?{name}={value}")

    assert (answer.status_code, answer.json()["code"]) == (400, CODES[name])


@pytest.mark.parametrize(
    "query", ["changed_since=1551-12-23T16:09:11%2B19:05", "cursor=WyIxNTUxLTEyLTIzVDE2OjA5OjExKzE5OjA1IiwxXQ"]
)
def test_a_zone_further_than_any_on_earth_is_taken_all_the_same(connected: Connected, query: str) -> None:
    assert numbers_of(listed(connected, f"?{query}")) == []


def test_others_see_nothing_of_it(connected: Connected, now: datetime) -> None:
    upload(connected, "A")
    other_software = registry.connect(now, connected.company, registry.make_software(now, slug="onfact"))
    other_company = registry.connect(
        now, registry.make_company(now, office=registry.make_office(now)), registry.make_software(now, slug="bouwsoft")
    )

    assert numbers_of(listed(connected)) == ["A"]
    assert numbers_of(listed(other_software)) == numbers_of(listed(other_company)) == []


def test_a_page_asks_the_same_of_the_database_whatever_its_length(
    connected: Connected, run_reactions: Callable[[], int], django_assert_max_num_queries: Any
) -> None:
    upload(connected, *"ABCDEFGH")
    run_reactions()
    listed(connected)

    with django_assert_max_num_queries(10):
        assert len(listed(connected)["results"]) == 8


@pytest.mark.django_db(transaction=True)
def test_every_change_dates_the_invoice(now: datetime, run_reactions: Callable[[], int]) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    connected = registry.connect(now, company, registry.make_software(now))
    account = registry.make_account(now, company)
    dates: list[datetime] = []

    def note() -> None:
        run_reactions()
        dates.append(Invoice.objects.get().changed_at)

    upload(connected, "2026-0117")
    dates.append(Invoice.objects.get().changed_at)
    note()
    for number, amount in ((214, "100.00"), (215, "200.00")):
        receive_coda_file(content=make_coda(account.iban, credit(amount), number=number), name="a", actor="t", now=now)
        note()
    invoice = Invoice.objects.get()
    assert invoice.payment_state == "partially_paid"
    assert Allocation.objects.filter(invoice=invoice).count() == 2
    invoice.deliveries.filter(channel="feed").update(state="fetched", state_at=now, fetched_at=now)
    note()

    assert dates == sorted(set(dates)), "each change is later than the one before"
    assert Decimal(listed(connected)["results"][0]["open_amount"]) == Decimal("910.00")


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_committed_yet_is_not_passed(now: datetime, run_reactions: Callable[[], int]) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    connected = registry.connect(now, company, registry.make_software(now))
    upload(connected, "A", "B", "C")
    run_reactions()
    first, last = Invoice.objects.get(number="A"), Invoice.objects.get(number="C")
    written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            book_invoices(invoice_ids=[first.pk], actor="t", now=now)
            written.set()
            may_commit.wait(30)
        connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert written.wait(30)
    book_invoices(invoice_ids=[last.pk], actor="t", now=now)
    during = listed(connected)
    may_commit.set()
    writer.join()
    after = listed(connected)

    # C changed after A did, but A's change cannot be seen yet: C waits for it.
    assert numbers_of(during) == ["A", "B"]
    assert numbers_of(after) == ["B", "A", "C"]


def test_the_list_begins_where_the_last_one_ended(connected: Connected, run_reactions: Callable[[], int]) -> None:
    upload(connected, "A", "B")
    run_reactions()
    last = listed(connected)["results"][-1]["changed_at"]

    assert datetime.fromisoformat(last).tzinfo == UTC
    assert numbers_of(listed(connected, f"?changed_since={last}")) == ["B"]


def test_an_answer_that_was_read_before_a_quick_worker_came_tells_of_nothing_after_it(
    connected: Connected, run_reactions: Callable[[], int]
) -> None:
    upload(connected, "A")
    read_before = Invoice.objects.get()
    run_reactions()

    (body,) = invoices_out(RequestFactory().get("/"), [read_before])

    assert (body["state"], body["deliveries"], [step["event"] for step in body["timeline"]]) == (
        "received", [], ["received"],
    )  # fmt: skip
