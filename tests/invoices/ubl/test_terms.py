"""The discount of a document's own terms, in the ways in use; what contradicts itself or is words alone gives none."""

from datetime import date
from decimal import Decimal

import pytest

from apps.invoices.ubl import read_ubl
from tests.factories.wire import Supplier, make_document

SUPPLIER = Supplier("0123456749", "Leverancier NV")
PERIOD = "<cac:SettlementPeriod><cbc:EndDate>2026-11-29</cbc:EndDate></cac:SettlementPeriod>"
PERCENT = "<cbc:SettlementDiscountPercent>2</cbc:SettlementDiscountPercent>"
SKONTO = "#SKONTO#TAGE={days}#PROZENT={percent}#"


def discounts(terms: str = "", note: str | None = None) -> list[tuple[Decimal, date]]:
    """Return what is read of an invoice of 1,000.00 and 21 % of 19 November 2026 with some terms."""
    document = make_document(SUPPLIER, terms=note)
    if terms:
        whole = f"<cac:PaymentTerms>{terms}</cac:PaymentTerms><cac:TaxTotal>".encode()
        document = document.replace(b"<cac:TaxTotal>", whole, 1)
    return [(each.amount, each.until) for each in read_ubl(document).discounts]


def test_ubl_be_tells_what_is_to_be_paid_with_the_discount_and_until_when() -> None:
    terms = (
        "<cbc:Note>8 days after invoice date</cbc:Note>" + PERCENT + '<cbc:Amount currencyID="EUR">1190.00</cbc:Amount>'
        "<cbc:PaymentDueDate>2026-11-27</cbc:PaymentDueDate>"
    )

    assert discounts(terms) == [(Decimal("20.00"), date(2026, 11, 27))]


def test_a_percent_alone_is_of_the_whole_or_of_the_net_and_an_amount_decides() -> None:
    day = date(2026, 11, 29)

    def amount(name: str, value: str, currency: str = "EUR") -> str:
        return f'<cbc:{name} currencyID="{currency}">{value}</cbc:{name}>'

    assert discounts(PERCENT + PERIOD) == [(Decimal("24.20"), day), (Decimal("20.00"), day)]
    assert discounts(PERCENT + amount("Amount", "1190.00") + PERIOD) == [(Decimal("20.00"), day)]
    assert discounts(PERCENT + amount("Amount", "20.00") + PERIOD) == [(Decimal("20.00"), day)]
    assert discounts(PERCENT + amount("SettlementDiscountAmount", "15.5") + PERIOD) == [(Decimal("15.50"), day)]


def test_a_period_may_last_days_from_the_issue_date() -> None:
    lasting = '<cac:SettlementPeriod><cbc:DurationMeasure unitCode="DAY">8</cbc:DurationMeasure></cac:SettlementPeriod>'

    assert {until for _amount, until in discounts(PERCENT + lasting)} == {date(2026, 11, 27)}


def test_lines_of_a_note_give_one_discount_each_counted_from_the_issue_date() -> None:
    two = SKONTO.format(days=7, percent="3.00") + "BASISBETRAG=1000.00#\n" + SKONTO.format(days=14, percent="2.00")

    assert discounts(note=f"Betaalbaar binnen 30 dagen.\n{two}\n") == [
        (Decimal("30.00"), date(2026, 11, 26)), (Decimal("24.20"), date(2026, 12, 3)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "terms",
    [
        PERCENT,
        PERIOD,
        "<cbc:SettlementDiscountPercent>200</cbc:SettlementDiscountPercent>" + PERIOD,
        PERCENT + '<cbc:Amount currencyID="EUR">600.00</cbc:Amount>' + PERIOD,
        PERCENT + '<cbc:SettlementDiscountAmount currencyID="EUR">1210.00</cbc:SettlementDiscountAmount>' + PERIOD,
        PERCENT + PERIOD.replace("2026-11-29", "2026-11-01"),
        PERCENT + PERIOD.replace("2026-11-29", "2036-11-29"),
        "<cbc:Note>2% korting indien betaald binnen 8 dagen</cbc:Note>",
        "<cbc:Note>#SKONTO#TAGE=14#PROZENT=2#</cbc:Note>",
        "<cbc:Note>#VERZUG#TAGE=14#PROZENT=2.00#</cbc:Note>",
    ],
)
def test_what_is_incomplete_contradicts_itself_or_is_only_words_gives_no_discount(terms: str) -> None:
    assert discounts(terms) == []
