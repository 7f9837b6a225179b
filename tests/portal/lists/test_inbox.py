"""The inbox of an office: what it shows, what it filters, and what a form may do to it."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.delivery.rules import Channel
from apps.delivery.services import fetch_invoice
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.portal.amounts import read_amount
from apps.portal.periods import PERIODS, days_of
from tests.factories import registry
from tests.factories.inbox import deliver
from tests.portal.lists.conftest import browser_of

NBSP = "\u00a0"


def shown(answer: Any) -> list[str]:
    """Return the numbers of the invoices on a page, in their order."""
    return re.findall(r'<a class="hit" href="[^"]+">([^<]+)</a>', answer.content.decode())


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace(NBSP, " ").split())


@pytest.fixture
def inbox(office: AccountingOffice, accountant: Client) -> Callable[..., Any]:
    def get(query: str = "", **headers: str) -> Any:
        return accountant.get(f"/offices/{office.uuid}/inbox/{query}", headers=headers)

    return get


def test_an_empty_inbox_says_what_comes_first(inbox: Callable[..., Any]) -> None:
    text = text_of(inbox())

    assert "Nothing received yet. Invoices of your clients come here as soon as their software sends them." in text
    assert "Nothing received yet." in text_of(inbox("?office=booked&q=x"))


def test_rows_stand_under_their_day_and_new_ones_are_marked(
    inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    old, _new = deliver(now, office, company, ["F-1", "F-2"])
    deliver(now - timedelta(days=40), office, company, ["F-0"])
    fetch_invoice(invoice_id=old.pk, channel=Channel.INBOX, actor="t", now=now)

    page = inbox()

    assert shown(page) == ["F-2", "F-1", "F-0"]
    assert page.content.decode().count('class="new"') == 2
    assert re.search(r"25 November.* F-2 .* F-1 .*16 October.* F-0", text_of(page))
    assert "Step 4 of 5: Fetched" in page.content.decode()
    assert "1–3 of 3" in text_of(page)


def test_credit_notes_take_off_and_other_currencies_are_named(
    inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["C-1"], document_type="credit_note")
    deliver(now, office, company, ["D-1"], currency="USD")

    text = text_of(inbox("?choose=page"))

    assert "−121.00" in text
    assert "$121.00" in text
    assert "2 chosen · −€121.00 + $121.00" in text


class TestFilters:
    @pytest.fixture(autouse=True)
    def filled(self, office: AccountingOffice, company: Company, now: datetime) -> None:
        other = registry.make_company(now, office=office, name="Bakkerij Claes")
        deliver(now, office, company, ["A-1"], office_state="booked", payment_state="paid")
        deliver(now, office, company, ["A-2"], customer_name="Vanhoutte & Zoon", total_amount=Decimal("1842.63"))
        deliver(now - timedelta(days=200), office, other, ["B-1"], office_state="questioned")
        deliver(now, registry.make_office(now, name="Ander"), company, ["X-1"], customer_name="Vanhoutte")

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("?office=booked", ["A-1"]),
            ("?office=unseen", ["A-2"]),
            ("?office=questioned", ["B-1"]),
            ("?payment=paid", ["A-1"]),
            ("?received=7-days", ["A-2", "A-1"]),
            ("?received=7-days&office=booked", ["A-1"]),
            ("?new=yes", ["A-2", "A-1", "B-1"]),
            ("?q=hout", ["A-2"]),
            ("?q=a-", ["A-2", "A-1"]),
            ("?q=1.842,63", ["A-2"]),
            ("?q=1842.63", ["A-2"]),
            ("?q=nothing", []),
            ("?sort=amount&payment=open", ["A-2", "B-1"]),
        ],
    )
    def test_each_keeps_what_it_says(self, inbox: Callable[..., Any], query: str, numbers: list[str]) -> None:
        assert shown(inbox(query)) == numbers

    def test_a_client_is_meant_by_code_or_number_in_any_spelling(
        self, inbox: Callable[..., Any], company: Company
    ) -> None:
        number = company.enterprise_number

        by_number = inbox(f"?client=BE {number[:4]}.{number[4:7]}.{number[7:]}")
        by_code = inbox("?client=C1")
        unknown = inbox("?client=9999")

        assert shown(by_number) == ["A-2", "A-1"]
        assert "Company: Loodgieterij Maes" in text_of(by_number)
        assert len(shown(by_code)) == 3
        assert shown(unknown) == []
        assert "None of your clients has the code or number “9999”." in text_of(unknown)
        assert "Clear the filters" in text_of(unknown)

    def test_tabs_count_and_the_chosen_filters_can_be_left_out(self, inbox: Callable[..., Any]) -> None:
        page = inbox("?office=booked&sort=amount")
        html = page.content.decode()

        assert "To book 1 New 3 Questions 1 Refused 0 Booked 1 All 3" in text_of(page)
        assert re.search(r'aria-current="true">Booked', html)
        assert re.search(r'<a class="filter filter--on" href="\?sort=amount">', html)
        assert '<input type="hidden" name="office" value="booked">' in html

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("?office=lost", "The filter “Books” has no choice “lost”. It was left out."),
            ("?received=always", "The filter “Received” has no choice “always”."),
            ("?sort=colour", "The list knows no such order."),
            ("?after=nonsense", "This place in the list cannot be found."),
            ("?before=nonsense", "This place in the list cannot be found."),
            ("?q=a%00b", "What you typed is too long or cannot be read."),
            (f"?q={'x' * 101}", "What you typed is too long or cannot be read."),
            ("?export=pdf", "The list comes as CSV or as XLSX."),
        ],
    )
    def test_what_makes_no_sense_is_said_and_left_out(
        self, inbox: Callable[..., Any], query: str, sentence: str
    ) -> None:
        page = inbox(query)

        assert page.status_code == 200
        assert sentence in text_of(page)
        assert shown(page) == ["A-2", "A-1", "B-1"]


def test_a_long_inbox_has_pages_that_say_where_one_is(
    inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, [f"F-{number:03}" for number in range(120)])

    first = inbox()
    second = inbox(re.search(r'href="(\?after=[^"]+)" rel="next"', first.content.decode())[1])  # type: ignore[index]
    back = inbox(re.search(r'href="(\?before=[^"]+)" rel="prev"', second.content.decode())[1])  # type: ignore[index]

    assert ("1–50 of 120" in text_of(first), "51–100 of 120" in text_of(second)) == (True, True)
    assert shown(first)[0] == "F-119"
    assert shown(second)[0] == "F-069"
    assert shown(back) == shown(first)
    assert 'rel="prev"' not in back.content.decode()


def test_beyond_the_bound_nothing_is_said_that_was_not_counted(
    inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, [f"F-{number:04}" for number in range(1_002)])

    assert "1–50 of more than 1,000" in text_of(inbox())
    assert "To book 1,000+" in text_of(inbox())


def test_the_part_for_htmx_is_the_list_alone_at_the_same_address(
    inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["F-1"])

    part, whole = inbox(**{"HX-Request": "true"}), inbox()
    restored = inbox(**{"HX-Request": "true", "HX-History-Restore-Request": "true"})

    assert part.content.decode().lstrip().startswith('<section class="list" id="list"')
    assert '<div hx-swap-oob="innerHTML:#list-status">1–1 of 1</div>' in part.content.decode()
    assert "<html" in whole.content.decode()
    assert "<html" in restored.content.decode()
    assert all("HX-Request" in answer.headers["Vary"] for answer in (part, whole))


class TestBulk:
    def act(self, client: Client, office: AccountingOffice, chosen: list[Any], action: str = "book") -> Any:
        form = {"action": action, "chosen": [str(each) for each in chosen]}
        return client.post(f"/offices/{office.uuid}/inbox/?office=unseen", form, follow=True)

    def test_what_was_booked_is_counted_and_summed(
        self, accountant: Client, office: AccountingOffice, company: Company, now: datetime
    ) -> None:
        one, two, three = deliver(now, office, company, ["F-1", "F-2", "F-3"])

        page = self.act(accountant, office, [one.uuid, two.uuid])

        assert page.redirect_chain == [(f"/offices/{office.uuid}/inbox/?office=unseen", 302)]
        assert "2 invoices marked as booked: €242.00." in text_of(page)
        assert shown(page) == ["F-3"]
        assert set(Invoice.objects.filter(office_state="booked")) == {one, two}
        events = Event.objects.filter(name="invoice.booked")
        assert {event.subject_uuid for event in events} == {one.uuid, two.uuid}
        assert all(event.actor.startswith("user:") for event in events)
        again = self.act(accountant, office, [one.uuid, two.uuid])
        assert "All of them were booked already." in text_of(again)
        assert Event.objects.filter(name="invoice.booked").count() == 2
        assert three.office_state == "unseen"

    def test_another_offices_rows_are_never_reached(
        self, accountant: Client, office: AccountingOffice, company: Company, now: datetime
    ) -> None:
        (own,) = deliver(now, office, company, ["F-1"])
        (foreign,) = deliver(now, registry.make_office(now, name="Ander"), company, ["X-1"])

        page = self.act(accountant, office, [own.uuid, foreign.uuid])

        assert "Some of what you chose is not in this list any more. Nothing was changed" in text_of(page)
        assert not Invoice.objects.filter(office_state="booked").exists()
        assert not Event.objects.filter(name="invoice.booked").exists()

    @pytest.mark.parametrize(
        ("chosen", "action", "sentence"),
        [
            ([], "book", "Choose at least one row first."),
            (["no uuid"], "book", "Some of what you chose is not in this list any more."),
            ([uuid4()], "book", "Some of what you chose is not in this list any more."),
            ([uuid4() for _ in range(60)], "book", "Some of what you chose is not in this list any more."),
            ([uuid4()], "burn", "The list knows no such action."),
        ],
    )
    def test_a_form_that_makes_no_sense_changes_nothing(
        self, accountant: Client, office: AccountingOffice, chosen: list[Any], action: str, sentence: str
    ) -> None:
        assert sentence in text_of(self.act(accountant, office, chosen, action))
        assert not Event.objects.filter(name="invoice.booked").exists()

    def test_what_the_office_refused_is_not_booked_and_neither_is_the_rest(
        self, accountant: Client, office: AccountingOffice, company: Company, now: datetime
    ) -> None:
        (one,) = deliver(now, office, company, ["F-1"])
        (refused,) = deliver(now, office, company, ["F-2"], office_state="refused")

        page = self.act(accountant, office, [one.uuid, refused.uuid])

        assert "Invoice F-2 was refused by your office." in text_of(page)
        assert not Invoice.objects.filter(office_state="booked").exists()

    def test_a_stranger_finds_nothing(self, office: AccountingOffice, company: Company, now: datetime) -> None:
        (one,) = deliver(now, office, company, ["F-1"])
        stranger = browser_of(registry.make_office(now, name="Ander"), now)

        assert self.act(stranger, office, [one.uuid]).status_code == 404
        assert stranger.get(f"/offices/{office.uuid}/inbox/?export=csv").status_code == 404
        assert not Invoice.objects.filter(office_state="booked").exists()

    def test_all_on_the_page_can_be_chosen_without_scripts(
        self, inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
    ) -> None:
        deliver(now, office, company, ["F-1", "F-2"])

        page = inbox("?choose=page")

        assert page.content.decode().count(" checked>") == 2
        assert "2 chosen · €242.00" in text_of(page)
        assert "Clear the choice" in text_of(page)


class TestFiles:
    def test_csv_holds_what_the_filter_keeps_and_runs_nothing(
        self, inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
    ) -> None:
        deliver(now, office, company, ["F-1"], customer_name="=HYPERLINK(1)")
        deliver(now, office, company, ["F-2"], office_state="booked")

        answer = inbox("?office=unseen&export=csv")
        text = answer.getvalue().decode()

        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert re.fullmatch(
            r'attachment; filename="inbox-\d{4}-\d\d-\d\d-\d{4}\.csv"', answer.headers["Content-Disposition"]
        )
        assert text.startswith("\ufeffReceived;Client code;Company;")
        assert "F-2" not in text
        assert ";F-1;'=HYPERLINK(1);2026-11-25;;EUR;100,00;21,00;121,00;121,00;" in text

    def test_xlsx_is_the_same_table(
        self, inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
    ) -> None:
        deliver(now, office, company, [f"F-{number}" for number in range(60)])

        sheet = load_workbook(BytesIO(inbox("?export=xlsx").getvalue())).active

        assert sheet.max_row == 61
        assert sheet["F2"].value == "F-59"
        assert sheet["M2"].value == 121

    def test_a_list_too_long_for_a_file_says_so(
        self,
        inbox: Callable[..., Any],
        office: AccountingOffice,
        company: Company,
        now: datetime,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("apps.portal.lists.exports.MOST_ROWS", 2)
        deliver(now, office, company, ["F-1", "F-2", "F-3"])

        page = inbox("?export=csv")

        assert "A file holds at most 2 rows and this list has more. Choose a filter first." in text_of(page)
        assert inbox("?export=csv&q=F-1").headers["Content-Type"].startswith("text/csv")


def test_a_page_needs_as_many_queries_for_sixty_rows_as_for_one(
    inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["F-1"])
    with CaptureQueriesContext(connection) as of_one:
        inbox("?office=unseen")
    deliver(now, office, registry.make_company(now, office=office), [f"G-{number}" for number in range(60)])
    with CaptureQueriesContext(connection) as of_many:
        page = inbox("?office=unseen")

    assert len(of_many) == len(of_one) <= 12
    assert len(page.content) < 100_000


@pytest.mark.parametrize("query", ["", "?office=unseen", "?office=unseen&q=F-", "?q=F-1", "?payment=open"])
def test_nothing_is_counted_twice(
    inbox: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime, query: str
) -> None:
    deliver(now, office, company, ["F-1"])

    with CaptureQueriesContext(connection) as asked:
        page = inbox(query)

    (counting,) = [each["sql"] for each in asked if each["sql"].startswith("SELECT (SELECT count(*)")]
    parts = [part.rstrip(", ") for part in counting.split("(SELECT count(*) FROM ")[1:]]
    assert sorted(set(parts)) == sorted(parts)
    assert "1–1 of 1" in text_of(page)
    assert "To book 1 New 1 Questions 0 Refused 0 Booked 0 All 1" in text_of(page)


def test_four_languages_write_days_and_amounts_in_their_own_way(
    office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, ["F-1"], total_amount=Decimal("1842.63"))
    client = browser_of(office, now)
    pages = {}
    for language in ("nl", "fr", "en", "de"):
        client.post("/language/", {"language": language, "next": "/"})
        pages[language] = client.get(f"/offices/{office.uuid}/inbox/").content.decode()

    assert all(f'<html lang="{language}">' in page for language, page in pages.items())
    assert "1.842,63" in pages["nl"]
    assert "1\u202f842,63" in pages["fr"]
    assert "1,842.63" in pages["en"]
    assert "1.842,63" in pages["de"]
    assert len(set(pages.values())) == 4


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1842,63", "1842.63"), ("1.842,63", "1842.63"), ("1,842.63", "1842.63"), ("1 842,6", "1842.60"),
        ("€ 1842", "1842.00"), ("605", "605.00"), ("1.842", "1842.00"), ("F-12", None), ("12,345,6", "12345.60"),
        ("1,2,3", None), ("9" * 14, None), ("999.999.999.999.999", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(typed: str, amount: str | None) -> None:
    assert read_amount(typed) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize(
    ("code", "first", "after"),
    [
        ("7-days", date(2026, 1, 9), date(2026, 1, 16)),
        ("30-days", date(2025, 12, 17), date(2026, 1, 16)),
        ("month", date(2026, 1, 1), date(2026, 1, 16)),
        ("previous-month", date(2025, 12, 1), date(2026, 1, 1)),
        ("quarter", date(2026, 1, 1), date(2026, 1, 16)),
        ("previous-quarter", date(2025, 10, 1), date(2026, 1, 1)),
        ("year", date(2026, 1, 1), date(2026, 1, 16)),
        ("previous-year", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_periods_are_those_of_the_calendar(code: str, first: date, after: date) -> None:
    assert code in PERIODS
    assert days_of(code, today=date(2026, 1, 15)) == (first, after)
