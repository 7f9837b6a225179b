"""A company's own list of invoices, through its page."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.core import clock
from apps.events import services as events
from apps.events.models import PendingReaction
from apps.portal.stops import list_stops
from tests.factories import registry
from tests.factories.inbox import deliver
from tests.portal.lists.conftest import owner_of
from tests.portal.lists.test_inbox import text_of


@pytest.fixture
def invoices(owner: Client, company: Company) -> Callable[..., Any]:
    def get(query: str = "", **headers: str) -> Any:
        return owner.get(f"/companies/{company.uuid}/invoices/{query}", headers=headers)

    return get


def shown(answer: Any) -> list[str]:
    """Return the numbers of the invoices on a page, in their order."""
    return re.findall(r'class="s3 nr"><a class="hit" href="[^"]+" title="([^"]+)"', answer.content.decode())


def test_an_empty_list_says_what_comes_first(invoices: Callable[..., Any]) -> None:
    assert "No invoices yet They come here as soon as your connected software sends them." in text_of(invoices())
    assert "No invoices yet" in text_of(invoices("?state=rejected&q=x"))


def test_each_invoice_says_how_far_it_came_and_what_is_open(
    invoices: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["F-1"], payment_state="settled")
    deliver(now, office, company, ["F-2"], due_date=date(2026, 11, 1))
    deliver(now, office, company, ["F-3"], state="rejected", accepted_at=None, rejected_at=now)

    text = text_of(invoices())

    assert re.search(
        r"F-3 .*Refused rejected F-2 Klant NV 25 Nov 2026 €121.00 .*Delivered overdue 1 Nov 2026 €121.00 "
        r"F-1 Klant NV 25 Nov 2026 €121.00 .*Delivered settled €0.00 ",
        text,
    ), text
    assert "1–3 of 3" in text
    assert "All 3 Refused 1 Your accountant asks 0 Still to be paid 1 Overdue 1" in text


def test_an_invoice_whose_check_was_killed_too_often_says_so(
    invoices: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    held, waiting = deliver(now, office, company, ["F-1", "F-2"], state="received", accepted_at=None)
    for invoice in (held, waiting):
        with transaction.atomic():
            events.record("invoice.received", subject_uuid=invoice.uuid, actor="t", now=now)
    PendingReaction.objects.filter(event__subject_uuid=held.uuid).update(held_at=now, deaths=5)

    text = text_of(invoices())

    assert re.search(r"F-2 .*Received received F-1 .*Check stopped received", text), text
    stops = list_stops(held, [], is_check_held=True)
    assert stops[1].note.startswith("The check stopped several times without a result. Our support looks into it")


class TestFilters:
    @pytest.fixture(autouse=True)
    def filled(self, office: AccountingOffice, company: Company) -> None:
        # The page's own clock says what is late and what the periods are.
        now = clock.now()
        yesterday = clock.today() - timedelta(days=1)
        deliver(now - timedelta(days=400), office, company, ["A-1"], payment_state="paid", office_state="booked")
        deliver(
            now, office, company, ["A-2"], customer_name="Vanhoutte & Zoon", total_amount=Decimal("1842.63"),
            due_date=yesterday,
        )  # fmt: skip
        deliver(now, office, company, ["B-1"], office_state="questioned", payment_state="partially_paid")
        deliver(now, office, company, ["B-2"], state="rejected", accepted_at=None, rejected_at=now)
        deliver(now, office, company, ["B-3"], document_type="credit_note", due_date=yesterday)
        deliver(now, office, registry.make_company(now, office=office), ["X-1"], customer_name="Vanhoutte")

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("", ["B-3", "B-2", "B-1", "A-2", "A-1"]),
            ("?state=rejected", ["B-2"]),
            ("?state=received", []),
            ("?office=booked", ["A-1"]),
            ("?office=questioned", ["B-1"]),
            ("?office=unseen", ["B-3", "A-2"]),
            ("?payment=paid", ["A-1"]),
            ("?payment=open", ["B-3", "A-2"]),
            ("?payment=due", ["B-3", "B-1", "A-2"]),
            ("?payment=late", ["A-2"]),
            ("?issued=7-days", ["B-3", "B-2", "B-1", "A-2"]),
            ("?issued=7-days&office=booked", []),
            ("?issued=year&office=questioned", ["B-1"]),
            ("?q=hout", ["A-2"]),
            ("?q=a-", ["A-2", "A-1"]),
            ("?q=1.842,63", ["A-2"]),
            ("?q=nothing", []),
            ("?sort=amount", ["A-2", "B-3", "B-2", "B-1", "A-1"]),
        ],
    )
    def test_each_keeps_what_it_says(self, invoices: Callable[..., Any], query: str, numbers: list[str]) -> None:
        assert shown(invoices(query)) == numbers

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("?state=lost", "The filter “Check” has no choice “lost”. It was left out."),
            ("?payment=never", "The filter “Payment” has no choice “never”."),
            ("?sort=colour", "The list knows no such order."),
            ("?after=nonsense", "This place in the list cannot be found."),
            ("?export=pdf", "The list comes as CSV or as XLSX."),
        ],
    )
    def test_what_makes_no_sense_is_said_and_left_out(
        self, invoices: Callable[..., Any], query: str, sentence: str
    ) -> None:
        page = invoices(query)

        assert sentence in text_of(page)
        assert len(shown(page)) == 5

    def test_nothing_that_matches_is_not_nothing_at_all(self, invoices: Callable[..., Any]) -> None:
        assert "Nothing matches." in text_of(invoices("?state=received"))


def test_a_long_list_has_pages_in_both_directions(
    invoices: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, [f"F-{number:03}" for number in range(120)])

    first = invoices()
    second = invoices(re.search(r'href="(\?after=[^"]+)" rel="next"', first.content.decode())[1])  # type: ignore[index]
    back = invoices(re.search(r'href="(\?before=[^"]+)" rel="prev"', second.content.decode())[1])  # type: ignore[index]

    assert ("1–50 of 120" in text_of(first), "51–100 of 120" in text_of(second)) == (True, True)
    assert (shown(first)[0], shown(second)[0]) == ("F-119", "F-069")
    assert shown(back) == shown(first)


def test_beyond_the_bound_nothing_is_said_that_was_not_counted(
    invoices: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, [f"F-{number:04}" for number in range(1_002)])

    assert "1–50 of more than 1,000" in text_of(invoices())
    assert "Still to be paid 1,000+" in text_of(invoices())


def test_the_part_for_htmx_is_the_list_alone(
    invoices: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["F-1"])

    part = invoices(**{"HX-Request": "true"})

    assert part.content.decode().lstrip().startswith('<section class="list" id="list"')
    assert shown(part) == ["F-1"]


class TestFiles:
    def test_csv_holds_what_the_filter_keeps_and_runs_nothing(
        self, invoices: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
    ) -> None:
        deliver(
            now, office, company, ["F-1"], customer_name="=HYPERLINK(1)", structured_communication="090933755493"
        )  # fmt: skip
        deliver(now, office, company, ["F-2"], payment_state="paid")

        text = invoices("?payment=due&export=csv").getvalue().decode()

        assert text.startswith("\ufeffDocument;Number;Customer;Date;")
        assert "F-2" not in text
        assert (
            "Invoice;F-1;'=HYPERLINK(1);2026-11-25;;090/9337/55493;EUR;100,00;21,00;121,00;121,00;Delivered;open"
            in text
        )

    def test_xlsx_is_the_same_table(
        self, invoices: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
    ) -> None:
        deliver(now, office, company, [f"F-{number}" for number in range(60)])

        sheet = load_workbook(BytesIO(invoices("?export=xlsx").getvalue())).active

        assert (sheet.max_row, sheet["B2"].value, sheet["J2"].value) == (61, "F-59", 121)


def test_a_page_needs_as_many_queries_for_sixty_rows_as_for_one(
    invoices: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["F-1"])
    with CaptureQueriesContext(connection) as of_one:
        invoices("?payment=due&q=F-")
    deliver(now, office, company, [f"F-{number}" for number in range(2, 62)])
    with CaptureQueriesContext(connection) as of_many:
        page = invoices("?payment=due&q=F-")

    assert len(shown(page)) == 50
    assert len(of_many) == len(of_one) <= 12


def test_a_stranger_finds_nothing_and_a_company_does_not_book(
    owner: Client, office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["F-1"])
    stranger = owner_of(registry.make_company(now, office=office), now)

    assert stranger.get(f"/companies/{company.uuid}/invoices/?export=csv").status_code == 404
    page = owner.post(f"/companies/{company.uuid}/invoices/", {"action": "book"}, follow=True)
    assert "The list knows no such action. Nothing was changed." in text_of(page)


def test_four_languages_write_amounts_in_their_own_way(
    owner: Client, office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["F-1"], total_amount=Decimal("1842.63"))
    pages = {}
    for language in ("nl", "fr", "en", "de"):
        owner.post("/language/", {"language": language, "next": "/"})
        pages[language] = owner.get(f"/companies/{company.uuid}/invoices/").content.decode()

    assert all(f'<html lang="{language}">' in page for language, page in pages.items())
    assert "€\u00a01.842,63" in pages["nl"]
    assert "1\u202f842,63\u00a0€" in pages["fr"]
    assert len(set(pages.values())) == 4
