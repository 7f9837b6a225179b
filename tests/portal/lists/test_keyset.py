"""Pages of a list while rows come and go, and cursors that were not made here."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.delivery.models import Delivery
from apps.delivery.selectors import list_inbox
from apps.invoices.models import Invoice
from apps.portal.lists.counting import Count, count_up_to
from apps.portal.lists.keyset import MalformedCursor, Order, Page, make_cursor, page_or_first, read_page, rows_before
from tests.factories.inbox import deliver

RECEIVED = Order("delivered_at")


@pytest.fixture
def ten(office: AccountingOffice, company: Company, now: datetime) -> list[Invoice]:
    return deliver(now, office, company, [f"F-{number}" for number in range(10)])


def page(office: AccountingOffice, *, order: Order = RECEIVED, after: str = "", before: str = "") -> Page[Invoice]:
    return read_page(list_inbox(office=office), order=order, after=after, before=before, size=4)


def numbers(shown: Page[Invoice]) -> list[str]:
    return [invoice.number.removeprefix("F-") for invoice in shown.rows]


@pytest.mark.usefixtures("ten")
def test_pages_go_forth_and_back_through_everything_once(office: AccountingOffice) -> None:
    first = page(office)
    second = page(office, after=first.next_cursor)
    third = page(office, after=second.next_cursor)

    assert (numbers(first), numbers(second), numbers(third)) == (list("9876"), list("5432"), list("10"))
    assert (first.previous_cursor, third.next_cursor) == ("", "")
    assert numbers(page(office, before=third.previous_cursor)) == list("5432")
    assert page(office, before=second.previous_cursor) == first


@pytest.mark.usefixtures("ten")
def test_what_comes_in_meanwhile_moves_no_row_to_another_page(
    office: AccountingOffice, company: Company, now: datetime
) -> None:
    first = page(office)
    deliver(now + timedelta(days=1), office, company, ["F-a", "F-b"])
    Invoice.objects.filter(number="F-7").update(office_state="booked")
    Delivery.objects.filter(invoice__number="F-6").delete()

    assert numbers(page(office, after=first.next_cursor)) == list("5432")


@pytest.mark.usefixtures("ten")
def test_going_back_never_ends_on_a_page_that_is_not_full(
    office: AccountingOffice, company: Company, now: datetime
) -> None:
    second = page(office, after=page(office).next_cursor)
    deliver(now + timedelta(days=1), office, company, ["F-a"])

    back = page(office, before=second.previous_cursor)
    first = page(office, before=back.previous_cursor)

    assert numbers(back) == list("9876")
    assert numbers(first) == list("a987")


def test_rows_with_the_same_value_are_kept_apart_by_their_id(
    office: AccountingOffice, company: Company, now: datetime
) -> None:
    deliver(now, office, company, list("abcdefg"))
    order = Order("total_amount")

    first = page(office, order=order)
    second = page(office, order=order, after=first.next_cursor)

    assert [*numbers(first), *numbers(second)] == list("gfedcba")


def test_an_ascending_order_pages_as_well(office: AccountingOffice, company: Company, now: datetime) -> None:
    for number, total in (("c", 3), ("a", 1), ("e", 5), ("b", 2), ("d", 4)):
        deliver(now, office, company, [number], total_amount=Decimal(total))
    order = Order("total_amount", is_descending=False)

    first = page(office, order=order)

    assert numbers(first) == list("abcd")
    assert numbers(page(office, order=order, after=first.next_cursor)) == ["e"]
    last = page(office, order=order, after=first.next_cursor)
    assert page(office, order=order, before=last.previous_cursor) == first


@pytest.mark.parametrize(
    "cursor",
    [
        "nothing", "====", "A", "é", "W10", "bnVsbA", "eyJhIjoxfQ", "\x00",
        "WyJkZWxpdmVyZWRfYXQiLCJ4IiwxXQ",  # ["delivered_at","x",1]
        "WyJkZWxpdmVyZWRfYXQiLCIyMDI2LTExLTI1VDAwOjAwOjAwIiwxXQ",  # an instant without its zone
        "WyJkZWxpdmVyZWRfYXQiLCIyMDI2LTExLTI1VDAwOjAwOjAwWiIsMTAwMDAwMDAwMDAwMDAwMDAwMDAwXQ",  # an id out of range
        "WyJkZWxpdmVyZWRfYXQiLCIyMDI2LTExLTI1VDAwOjAwOjAwWiIsIjEiXQ",  # an id that is a text
        "WyJkZWxpdmVyZWRfYXQiLG51bGwsMV0",  # ["delivered_at",null,1]
        "W1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tb" * 200,
    ],
)  # fmt: skip
@pytest.mark.usefixtures("ten")
def test_a_cursor_that_was_not_made_here_is_refused(office: AccountingOffice, cursor: str) -> None:
    with pytest.raises(MalformedCursor):
        page(office, after=cursor)
    with pytest.raises(MalformedCursor):
        page(office, before=cursor)

    assert page_or_first(list_inbox(office=office), order=RECEIVED, after=cursor, size=4) == page(office)


def test_a_cursor_of_another_order_is_refused(office: AccountingOffice, ten: list[Invoice]) -> None:
    with pytest.raises(MalformedCursor):
        page(office, after=make_cursor(Order("total_amount"), ten[0]))


def test_counting_stops_at_the_bound(office: AccountingOffice, ten: list[Invoice]) -> None:
    rows = list_inbox(office=office)

    counts = count_up_to(
        {
            "all": rows,
            "none": rows.none(),
            "before": rows_before(rows, order=RECEIVED, row=list_inbox(office=office).get(pk=ten[7].pk)),
        },
        bound=9,
    )

    assert counts == {"all": Count(9, is_exact=False), "none": Count(0), "before": Count(2)}
    assert count_up_to({"all": rows}, bound=10)["all"] == Count(10)
