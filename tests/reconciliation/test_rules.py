from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.reconciliation.rules import Credit, GivenCredit, Match, OpenInvoice, Rule, match_credit, match_reversal

REFERENCE = "090933755493"
OTHER = "101000000151"


def invoice(
    number: int, payable: str, *, allocated: str = "0", reference: str = REFERENCE, customer: str = "Klant",
    currency: str = "EUR",
) -> OpenInvoice:  # fmt: skip
    return OpenInvoice(number, reference, customer, currency, Decimal(payable), Decimal(allocated))


def credit(amount: str, *, reference: str = REFERENCE, loose: str | None = None) -> Credit:
    return Credit(1, reference, "EUR", Decimal(amount), Decimal(loose or amount))


def test_the_exact_amount_pays_the_invoice_that_is_named() -> None:
    assert match_credit(credit("100"), [invoice(1, "100")]) == Match(1, Decimal(100), Rule.STRUCTURED_COMMUNICATION)


def test_a_part_pays_a_part_and_too_much_fills_up_to_what_is_open() -> None:
    part = match_credit(credit("30"), [invoice(1, "100")])
    excess = match_credit(credit("130"), [invoice(1, "100", allocated="20")])

    assert part
    assert part.amount == 30
    assert excess
    assert excess.amount == 80


def test_nothing_is_certain_without_a_reference_with_two_invoices_of_one_reference_or_in_another_currency() -> None:
    assert match_credit(credit("100", reference=""), [invoice(1, "100", reference="")]) is None
    assert match_credit(credit("100"), [invoice(1, "100"), invoice(2, "100")]) is None
    assert match_credit(credit("100"), [invoice(1, "100", currency="USD")]) is None
    assert match_credit(credit("100"), [invoice(1, "100", allocated="100")]) is None


def test_an_amount_that_fits_another_open_invoice_of_the_customer_speaks_against_the_reference() -> None:
    other_of_customer = invoice(2, "75", reference=OTHER)
    of_another = invoice(3, "75", reference=OTHER, customer="Ander")

    assert match_credit(credit("75"), [invoice(1, "100"), other_of_customer]) is None
    assert match_credit(credit("75"), [invoice(1, "100"), of_another])
    assert match_credit(credit("100"), [invoice(1, "100"), invoice(2, "100", reference=OTHER)])


def given_credit(
    number: int, *parts: tuple[int, Decimal], amount: str = "100", counterparty: str = "BE1"
) -> GivenCredit:
    return GivenCredit(number, REFERENCE, counterparty, Decimal(amount), parts)


def test_a_reversal_takes_back_exactly_what_the_newest_fitting_credit_gave() -> None:
    older, newer = given_credit(1, (7, Decimal(100))), given_credit(2, (8, Decimal(60)), (9, Decimal(40)))

    taken = match_reversal(Decimal(-100), REFERENCE, "BE1", [older, newer])

    assert taken == [Match(8, Decimal(-60), Rule.REVERSAL, 2), Match(9, Decimal(-40), Rule.REVERSAL, 2)]


def test_a_debit_that_fits_no_credit_takes_nothing_back() -> None:
    originals = [given_credit(1, (7, Decimal(100)))]

    assert match_reversal(Decimal(-99), REFERENCE, "BE1", originals) == []
    assert match_reversal(Decimal(-100), OTHER, "BE1", originals) == []
    assert match_reversal(Decimal(-100), REFERENCE, "BE2", originals) == []
    assert match_reversal(Decimal(100), REFERENCE, "BE1", originals) == []
    assert match_reversal(Decimal(-100), REFERENCE, "BE1", [given_credit(1)]) == []


amounts = st.decimals("0.01", "99999.99", places=2)


@given(amounts, amounts, st.lists(st.tuples(amounts, amounts, st.booleans()), max_size=6))
def test_a_match_never_exceeds_what_is_loose_or_open(
    amount: Decimal, loose: Decimal, rows: list[tuple[Decimal, Decimal, bool]]
) -> None:
    loose = min(amount, loose)
    candidates = [
        OpenInvoice(n, REFERENCE if named else OTHER, "K", "EUR", payable, min(payable, allocated))
        for n, (payable, allocated, named) in enumerate(rows)
    ]

    match = match_credit(Credit(1, REFERENCE, "EUR", amount, loose), candidates)

    if match:
        assert 0 < match.amount <= min(loose, candidates[match.invoice_id].still_open)
