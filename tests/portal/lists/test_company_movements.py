"""A company's own list of payments, through its page; and the column that triggers keep for it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.companies.merging.services import merge_companies
from apps.companies.models import BankAccount, Company
from apps.core import clock
from apps.statements.models import Movement, Statement
from tests.factories import registry
from tests.factories.movements import DAY, book, draft
from tests.portal.lists.conftest import owner_of
from tests.portal.lists.test_inbox import text_of


@pytest.fixture
def account(company: Company, now: datetime) -> BankAccount:
    return registry.make_account(now, company)


@pytest.fixture
def payments(owner: Client, company: Company) -> Callable[..., Any]:
    def get(query: str = "", **headers: str) -> Any:
        return owner.get(f"/companies/{company.uuid}/payments/{query}", headers=headers)

    return get


def shown(answer: Any) -> list[str]:
    """Return the counterparties of the movements on a page, in their order."""
    return re.findall(r'<th role="rowheader" scope="row" class="s1 long">([^<]+)', answer.content.decode())


class TestTheColumnThatTriggersKeep:
    def company_of(self, *movements: Movement) -> set[int | None]:
        return {Movement.objects.get(pk=movement.pk).company_id for movement in movements}

    def test_money_of_an_imported_statement_is_the_companys(
        self, company: Company, account: BankAccount, now: datetime
    ) -> None:
        total = draft("30.00", transaction_code="10150000")
        parts = [draft("10.00", transaction_code="50150000"), draft("20.00", transaction_code="50150000")]
        with_details = draft("30.00", transaction_code="10150000", details=parts)

        whole, *details = book(now, account, with_details)
        (single,) = book(now, account, total)

        assert [(row.is_money, row.company_id) for row in (whole, *details)] == [
            (False, None),
            (True, company.pk),
            (True, company.pk),
        ]
        assert single.company_id == company.pk

    def test_money_of_an_unknown_account_is_nobodys(self, now: datetime, db: None) -> None:
        stray = BankAccount(iban="BE71096123456769", currency="EUR")

        (movement,) = book(now, stray, draft("10.00"))

        assert (movement.is_money, movement.company_id) == (True, None)

    def test_it_follows_the_account_and_the_statement(
        self, company: Company, account: BankAccount, now: datetime
    ) -> None:
        movements = book(now, account, draft("10.00"), draft("-5.00"))
        other = registry.make_company(now)

        BankAccount.objects.filter(pk=account.pk).update(company=other)
        assert self.company_of(*movements) == {other.pk}

        Statement.objects.update(state="unrouted")
        assert self.company_of(*movements) == {None}

        Statement.objects.update(state="imported")
        assert self.company_of(*movements) == {other.pk}

    def test_nothing_saved_here_stays_wrong(self, company: Company, account: BankAccount, now: datetime) -> None:
        (movement,) = book(now, account, draft("10.00"))

        movement.company = registry.make_company(now)
        movement.save()

        assert self.company_of(movement) == {company.pk}

    def test_a_merge_takes_the_payments_along(self, company: Company, account: BankAccount, now: datetime) -> None:
        movements = book(now, account, draft("10.00"))
        survivor = registry.make_company(now)

        merge_companies(
            surviving_uuid=survivor.uuid, absorbed_uuid=company.uuid, valid_until=now.date(), leaves_copies=False,
            actor="t", now=now,
        )  # fmt: skip

        assert self.company_of(*movements) == {survivor.pk}


def test_an_empty_list_says_what_comes_first(payments: Callable[..., Any]) -> None:
    text = text_of(payments())

    assert "No movements yet They come here once your bank delivers your statements (CODA)." in text


def test_each_movement_says_who_how_much_and_what_for(
    payments: Callable[..., Any], account: BankAccount, now: datetime
) -> None:
    book(
        now, account, draft("1210.00", structured_communication="090933755493", counterparty_iban="BE71096123456769"),
        draft("-60.50", "Drukkerij", communication="Folders november"), draft("1.00", ""),
    )  # fmt: skip

    text = text_of(payments())

    assert "24 Nov 2026 statement 1 not named by the bank no communication €1.00" in text
    assert "24 Nov 2026 statement 1 Drukkerij Folders november −€60.50" in text
    assert "24 Nov 2026 statement 1 Klant NV BE71 0961 2345 6769 +++090/9337/55493+++ €1,210.00" in text
    assert "All 3 Received 2 Paid out 1" in text
    assert "1–3 of 3" in text


class TestFilters:
    @pytest.fixture(autouse=True)
    def filled(self, account: BankAccount, now: datetime) -> None:
        # The page's own clock says what the periods are.
        today = clock.today()
        book(now, account, draft("50.00", "Oud", day=today - timedelta(days=400)))
        book(
            now, account,
            draft("1842.63", "Vanhoutte", day=today, communication="Factuur F-12 van oktober"),
            draft("-1842.63", "Leverancier", day=today, counterparty_iban="BE71096123456769"),
            draft("7.00", "Gestructureerd", day=today, structured_communication="090933755493"),
        )  # fmt: skip
        book(now, registry.make_account(now, registry.make_company(now)), draft("7.00", "Vanhoutte van ginder"))

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["Gestructureerd", "Leverancier", "Vanhoutte", "Oud"]),
            ("?direction=in", ["Gestructureerd", "Vanhoutte", "Oud"]),
            ("?direction=out", ["Leverancier"]),
            ("?booked=7-days", ["Gestructureerd", "Leverancier", "Vanhoutte"]),
            ("?booked=7-days&direction=out", ["Leverancier"]),
            ("?booked=7-days&q=oud", []),
            ("?sort=amount", ["Vanhoutte", "Oud", "Gestructureerd", "Leverancier"]),
            ("?q=HOUT", ["Vanhoutte"]),
            ("?q=f-12", ["Vanhoutte"]),
            ("?q=le", ["Leverancier"]),
            ("?q=1.842,63", ["Leverancier", "Vanhoutte"]),
            ("?q=BE71 0961", ["Leverancier"]),
            ("?q=%2B%2B%2B090/9337/55493%2B%2B%2B", ["Gestructureerd"]),
            ("?q=090933755493", ["Gestructureerd"]),
            ("?q=nothing", []),
            ("?direction=sideways", ["Gestructureerd", "Leverancier", "Vanhoutte", "Oud"]),
        ],
    )
    def test_each_keeps_what_it_says(self, payments: Callable[..., Any], query: str, names: list[str]) -> None:
        assert shown(payments(query)) == names

    def test_what_makes_no_sense_is_said(self, payments: Callable[..., Any]) -> None:
        assert "The filter “Direction” has no choice “sideways”." in text_of(payments("?direction=sideways"))
        assert "Nothing matches." in text_of(payments("?booked=7-days&q=oud"))


def test_a_long_list_has_pages_in_both_directions_and_counts_to_a_bound(
    payments: Callable[..., Any], account: BankAccount, now: datetime
) -> None:
    book(now, account, *(draft("1.00", f"Klant {number:04}") for number in range(1_002)))

    first = payments()
    second = payments(re.search(r'href="(\?after=[^"]+)" rel="next"', first.content.decode())[1])  # type: ignore[index]
    back = payments(re.search(r'href="(\?before=[^"]+)" rel="prev"', second.content.decode())[1])  # type: ignore[index]

    assert "1–50 of more than 1,000" in text_of(first)
    assert "Received 1,000+ Paid out 0" in text_of(first)
    assert (shown(first)[0], shown(second)[0]) == ("Klant 1001", "Klant 0951")
    assert shown(back) == shown(first)


class TestFiles:
    def test_csv_holds_what_the_filter_keeps_and_runs_nothing(
        self, payments: Callable[..., Any], account: BankAccount, now: datetime
    ) -> None:
        book(
            now, account, draft("1210.00", "=1+1", structured_communication="090933755493"),
            draft("-60.50", "Drukkerij", communication="@SUM(A1)"),
        )  # fmt: skip

        received = payments("?direction=in&export=csv").getvalue().decode()
        paid = payments("?direction=out&export=csv").getvalue().decode()

        assert received.startswith("\ufeffDate;Value date;Account;")
        assert "Drukkerij" not in received
        assert f"2026-11-24;2026-11-24;{account.iban};1;'=1+1;;090/9337/55493;;EUR;1210,000" in received
        assert "Drukkerij;;;'@SUM(A1);EUR;-60,500" in paid

    def test_xlsx_is_the_same_table(self, payments: Callable[..., Any], account: BankAccount, now: datetime) -> None:
        book(now, account, *(draft("12.50", f"Klant {number}") for number in range(60)))

        sheet = load_workbook(BytesIO(payments("?export=xlsx").getvalue())).active

        assert (sheet.max_row, sheet["E2"].value, sheet["J2"].value) == (61, "Klant 59", Decimal("12.5"))
        assert sheet["A2"].value.date() == DAY


def test_a_page_needs_as_many_queries_for_sixty_rows_as_for_one(
    payments: Callable[..., Any], account: BankAccount, now: datetime
) -> None:
    book(now, account, draft("1.00"))
    with CaptureQueriesContext(connection) as of_one:
        payments("?direction=in&q=klant")
    book(now, account, *(draft("1.00") for _ in range(60)))
    with CaptureQueriesContext(connection) as of_many:
        page = payments("?direction=in&q=klant")

    assert len(shown(page)) == 50
    assert len(of_many) == len(of_one) <= 12


def test_a_stranger_finds_nothing(company: Company, account: BankAccount, now: datetime) -> None:
    book(now, account, draft("1.00"))
    stranger = owner_of(registry.make_company(now), now)

    assert stranger.get(f"/companies/{company.uuid}/payments/?export=csv").status_code == 404


def test_four_languages_write_amounts_in_their_own_way(
    owner: Client, company: Company, account: BankAccount, now: datetime
) -> None:
    book(now, account, draft("1842.63"))
    pages = {}
    for language in ("nl", "fr", "en", "de"):
        owner.post("/language/", {"language": language, "next": "/"})
        pages[language] = owner.get(f"/companies/{company.uuid}/payments/").content.decode()

    assert all(f'<html lang="{language}">' in page for language, page in pages.items())
    assert "1.842,63" in pages["nl"]
    assert "1\u202f842,63" in pages["fr"]
    assert len(set(pages.values())) == 4
