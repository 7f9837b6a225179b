from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.structured_communication import make_structured_communication
from apps.reconciliation.matching import (
    Candidate,
    Decision,
    Difference,
    Discount,
    Memory,
    Payment,
    Reason,
    decide,
)
from apps.reconciliation.matching.cases import make_cases
from apps.reconciliation.matching.made_up import MIX, Kind
from apps.reconciliation.matching.names import likeness
from apps.reconciliation.matching.scoring import score
from apps.reconciliation.matching.writing import names_in_full, read_writing
from apps.reconciliation.rules import DifferenceKind, Rule

REFERENCE = "090933755493"
OTHER = "101000000151"
ACCOUNT = "BE71096123456769"
DAY = date(2026, 11, 24)
KNOWN = Memory(customers_of={ACCOUNT: frozenset({"K"})})


def invoice(pk: int, payable: str, **changes: Any) -> Candidate:
    facts = {
        "number": f"2026-{pk:04d}", "reference": "", "customer": "K", "customer_name": "Klant NV",
        "currency": "EUR",
        "still_open": Decimal(payable), "issued_on": date(2026, 11, 1),
    }  # fmt: skip
    return Candidate(**{"id": pk, "payable": Decimal(payable), **facts, **changes})


def payment(amount: str, **changes: Any) -> Payment:
    facts = {"id": 1, "amount": Decimal(amount), "loose": Decimal(amount), "currency": "EUR", "entered_on": DAY}
    return Payment(**{**facts, **changes})


def given_by(decision: Decision) -> list[tuple[int, Any, Rule]]:
    return [(a.invoice_id, a.amount, a.rule) for a in decision.assignments]


def why_not(pay: Payment, *candidates: Candidate, memory: Memory | None = None) -> Reason | None:
    decision = decide(pay, candidates, memory or Memory())
    assert not decision.assignments
    return decision.reason


def test_a_reference_fills_up_to_what_is_open_and_leaves_the_excess_loose() -> None:
    named = invoice(1, "100", reference=REFERENCE, still_open=Decimal(80))

    exact = decide(payment("80", reference=REFERENCE), [named], Memory())
    part = decide(payment("30", reference=REFERENCE), [named], Memory())
    excess = decide(payment("130", reference=REFERENCE), [named], Memory())

    assert given_by(exact) == [(1, 80, Rule.STRUCTURED_COMMUNICATION)]
    assert given_by(part) == [(1, 30, Rule.STRUCTURED_COMMUNICATION)]
    assert given_by(excess) == [(1, 80, Rule.STRUCTURED_COMMUNICATION)]


@pytest.mark.parametrize(
    "text",
    [
        "+++090/9337/55493+++", "***090/9337/55493***", "betaling 090933755493 dank u", "090 9337 55493",
        "ref. 090.9337.55493",
    ],
)  # fmt: skip
def test_a_reference_counts_as_it_is_written(text: str) -> None:
    decision = decide(payment("100", text=text), [invoice(1, "100", reference=REFERENCE)], Memory())

    assert given_by(decision) == [(1, 100, Rule.STRUCTURED_COMMUNICATION)]


def test_a_creditor_reference_and_an_end_to_end_id_name_their_invoice() -> None:
    by_rf = decide(
        payment("100", text="RF18 5390 0754 7034"), [invoice(1, "100", reference="RF18539007547034")], Memory()
    )
    by_id = decide(payment("40", end_to_end="2026-0001"), [invoice(1, "100")], Memory())

    assert given_by(by_rf) == [(1, 100, Rule.STRUCTURED_COMMUNICATION)]
    assert given_by(by_id) == [(1, 40, Rule.END_TO_END)]


def test_an_amount_that_fits_other_invoices_of_the_customer_speaks_against_the_reference() -> None:
    named = invoice(1, "100", reference=REFERENCE)
    pay = payment("75", reference=REFERENCE)

    assert why_not(pay, named, invoice(2, "75")) is Reason.AMOUNT_FITS_ANOTHER
    assert why_not(pay, named, invoice(2, "50"), invoice(3, "25")) is Reason.AMOUNT_FITS_ANOTHER
    assert why_not(payment("150", reference=REFERENCE), named, invoice(2, "50")) is Reason.AMOUNT_FITS_ANOTHER
    assert decide(pay, [named, invoice(2, "75", customer="Ander")], Memory()).assignments


def test_what_is_paid_in_another_currency_or_never_for_that_customer_is_not_certain() -> None:
    named = invoice(1, "100", reference=REFERENCE)
    paid = invoice(1, "100", reference=REFERENCE, still_open=Decimal(0))
    pay = payment("100", reference=REFERENCE, payer_account=ACCOUNT)

    again = decide(pay, [paid, invoice(2, "100")], KNOWN)
    assert (again.assignments, again.reason, again.suggestions) == ((), Reason.ALREADY_PAID, ())
    assert why_not(pay, invoice(1, "100", reference=REFERENCE, currency="USD")) is Reason.OTHER_CURRENCY
    never = Memory(never=frozenset({(ACCOUNT, "K")}))
    assert why_not(pay, named, memory=never) is Reason.NEVER_FOR_THIS_CUSTOMER
    assert why_not(payment("100", reference=OTHER), named) is Reason.UNKNOWN_REFERENCE
    assert why_not(payment("100", reference=REFERENCE, is_a_customers=False), named) is Reason.NOT_A_CUSTOMERS_PAYMENT
    assert why_not(payment("100", reference=REFERENCE, loose=Decimal(0)), named) is Reason.NOTHING_LOOSE


def test_what_was_sent_in_the_currency_of_the_named_invoice_is_compared_with_it() -> None:
    named = invoice(1, "100", reference=REFERENCE, currency="GBP")

    def sent(amount: str, **changes: Any) -> Payment:
        return payment("116.30", original_amount=Decimal(amount), original_currency="GBP", **changes)

    whole = decide(sent("100", reference=REFERENCE), [named, invoice(2, "116.30")], Memory())
    assert given_by(whole) == [(1, Decimal("116.30"), Rule.STRUCTURED_COMMUNICATION)]
    assert whole.assignments[0].difference == Difference(Decimal("-16.30"), DifferenceKind.EXCHANGE)
    assert named.less(whole.assignments[0]).still_open == 0
    part = decide(sent("40", reference=REFERENCE), [named], Memory()).assignments[0]
    assert named.less(part).still_open == 60
    assert why_not(sent("101", reference=REFERENCE), named) is Reason.OTHER_CURRENCY
    assert why_not(sent("99", text="2026-0001"), named) is Reason.AMOUNT_DIFFERS
    assert why_not(sent("100", reference=REFERENCE, loose=Decimal(5)), named) is Reason.OTHER_CURRENCY
    other = sent("75", reference=REFERENCE)
    assert why_not(other, named, invoice(2, "75", currency="GBP")) is Reason.AMOUNT_FITS_ANOTHER
    unnamed = decide(sent("100", payer_name="KLANT", payer_account=ACCOUNT), [named], KNOWN)
    assert [(s.invoice_ids, s.amount, s.is_changed) for s in unnamed.suggestions] == [((1,), Decimal("116.30"), True)]
    assert {c.name for c in unnamed.suggestions[0].criteria if c.is_met} == {"amount_original", "account", "name"}


def test_a_reused_reference_pays_the_oldest_only_where_the_company_says_so_and_the_sum_is_exact() -> None:
    months = [invoice(n, "20", reference=REFERENCE, issued_on=date(2026, 12 - n, 1)) for n in range(1, 4)]
    oldest_first = Memory(oldest_first=True)

    assert why_not(payment("20", reference=REFERENCE), *months) is Reason.SEVERAL_FIT
    assert why_not(payment("30", reference=REFERENCE), *months, memory=oldest_first) is Reason.SUM_DIFFERS
    two = decide(payment("40", reference=REFERENCE), months, oldest_first)
    assert given_by(two) == [(3, 20, Rule.OLDEST_FIRST), (2, 20, Rule.OLDEST_FIRST)]


@pytest.mark.parametrize("text", ["factuur 2026-0001", "2026/0001", "fact. nr 2026 1", "20260001 merci"])
def test_the_whole_number_with_the_exact_amount_is_certain_from_any_account(text: str) -> None:
    decision = decide(payment("100", text=text, payer_name="Oma"), [invoice(1, "100"), invoice(2, "100")], Memory())

    assert given_by(decision) == [(1, 100, Rule.INVOICE_NUMBER)]


def test_a_number_with_another_amount_long_before_its_invoice_or_from_another_customer_is_not_certain() -> None:
    one = invoice(1, "100")
    rival = invoice(2, "100", customer="J", customer_name="Jan Peeters")

    assert why_not(payment("99", text="2026-0001"), one) is Reason.AMOUNT_DIFFERS
    too_early = payment("100", text="2026-0001", entered_on=one.issued_on - timedelta(days=8))
    assert why_not(too_early, one) is Reason.NAMES_ANOTHER
    assert why_not(payment("100", text="2026-0001", payer_name="PEETERS JAN"), one, rival) is Reason.NAMES_ANOTHER
    for_rival = payment("100", text="2026-0001 Jan Peeters", payer_name="Oma")
    assert why_not(for_rival, one, rival) is Reason.NAMES_ANOTHER
    namesake = invoice(1, "100", customer="N", customer_name="Jan Peeters")
    assert why_not(payment("100", text="2026-0001", payer_name="PEETERS JAN"), namesake, rival) is Reason.NAMES_ANOTHER
    assert decide(
        payment("100", text="Klant NV 2026-0001", payer_name="PEETERS JAN"), [one, rival], Memory()
    ).assignments


def test_several_numbers_or_references_want_the_exact_sum() -> None:
    rows = [invoice(1, "100"), invoice(2, "50"), invoice(3, "70", reference=REFERENCE)]

    both = decide(payment("150", text="facturen 2026-0001 en 2026-0002"), rows, Memory())
    mixed = decide(payment("170", text="2026-0001 +++090/9337/55493+++"), rows, Memory())

    assert given_by(both) == [(1, 100, Rule.SEVERAL_INVOICES), (2, 50, Rule.SEVERAL_INVOICES)]
    assert {row[0] for row in given_by(mixed)} == {1, 3}
    assert why_not(payment("149", text="2026-0001 2026-0002"), *rows) is Reason.SUM_DIFFERS


def test_an_account_that_paid_before_is_certain_with_the_exact_amount_of_one_invoice() -> None:
    pay = payment("100", payer_account=ACCOUNT)

    assert given_by(decide(pay, [invoice(1, "100"), invoice(2, "70")], KNOWN)) == [(1, 100, Rule.KNOWN_ACCOUNT)]
    assert why_not(pay, invoice(1, "100"), invoice(2, "100"), memory=KNOWN) is Reason.SEVERAL_FIT
    assert why_not(pay, invoice(1, "100"), invoice(2, "60"), invoice(3, "40"), memory=KNOWN) is Reason.SEVERAL_FIT
    assert why_not(pay, invoice(1, "100")) is Reason.NO_EVIDENCE
    assert why_not(pay, invoice(1, "100", customer="Ander"), memory=KNOWN) is Reason.AMOUNT_DIFFERS
    assert why_not(pay, invoice(1, "100", issued_on=DAY + timedelta(days=1)), memory=KNOWN) is Reason.AMOUNT_DIFFERS
    other_number = payment("100", payer_account=ACCOUNT, text="12")
    assert why_not(other_number, invoice(1, "100"), invoice(2, "70", number="12"), memory=KNOWN) is Reason.NAMES_ANOTHER


def test_a_known_account_that_pays_for_somebody_else_is_not_certain() -> None:
    own = invoice(1, "100")
    daughter = {"customer": "D", "customer_name": "Lies Maes"}
    hers = invoice(2, "100", **daughter)
    by_mother = {"payer_account": ACCOUNT, "payer_name": "Klant"}

    assert why_not(payment("100", text="voor Lies Maes", **by_mother), own, hers, memory=KNOWN) is Reason.NAMES_ANOTHER
    by_herself = payment("100", payer_account=ACCOUNT, payer_name="MAES LIES")
    assert why_not(by_herself, own, hers, memory=KNOWN) is Reason.NAMES_ANOTHER
    both = Memory(customers_of={ACCOUNT: frozenset({"K", "D"})})
    hers_together = [invoice(2, "60", **daughter), invoice(3, "40", **daughter)]
    assert why_not(payment("100", **by_mother), own, *hers_together, memory=both) is Reason.SEVERAL_FIT
    hers_named = payment("100", text="12", **by_mother)
    assert why_not(hers_named, own, invoice(2, "70", number="12", **daughter), memory=both) is Reason.NAMES_ANOTHER
    assert decide(payment("100", **by_mother), [own, hers], KNOWN).assignments


@pytest.mark.parametrize("written", ["090933755483", "900933755493", "09093375549", "0909337554933"])
def test_a_slip_in_a_reference_decides_only_with_amount_and_account(written: str) -> None:
    meant, twin = invoice(1, "100", reference=REFERENCE), invoice(2, "100", reference=OTHER)
    pay = payment("100", text=written, payer_account=ACCOUNT)

    assert given_by(decide(pay, [meant, twin], KNOWN)) == [(1, 100, Rule.REPAIRED_REFERENCE)]
    unknown = decide(pay, [meant, twin], Memory())
    assert not unknown.assignments
    assert unknown.suggestions[0].invoice_ids == (1,)
    assert why_not(payment("100", text="+++123/4567/89012+++", payer_account=ACCOUNT), meant, memory=KNOWN)


def test_what_is_missing_is_explained_by_cents_the_banks_cost_or_the_discount_of_the_invoice() -> None:
    def difference(amount: str, **changes: Any) -> tuple[Any, DifferenceKind] | None:
        row = invoice(1, "100", reference=REFERENCE, discounts=(Discount(Decimal(2), DAY),))
        made = decide(payment(amount, reference=REFERENCE, **changes), [row], Memory()).assignments[0].difference
        return (made.amount, made.kind) if made else None

    assert difference("99.95") == (Decimal("0.05"), DifferenceKind.ROUNDING)
    assert difference("99.94") is None
    assert difference("93.50", bank_cost=Decimal("6.50")) == (Decimal("6.50"), DifferenceKind.BANK_COST)
    assert difference("98") == (2, DifferenceKind.DISCOUNT)
    assert difference("98", entered_on=DAY + timedelta(days=1)) is None


def test_suggestions_are_ranked_and_say_what_was_met_and_what_failed() -> None:
    rows = [invoice(1, "100"), invoice(2, "100", customer="A", customer_name="Andere BV"), invoice(3, "33")]

    decision = decide(payment("100", payer_name="klant n.v."), rows, Memory())

    assert decision.reason is Reason.NO_EVIDENCE
    assert [s.invoice_ids for s in decision.suggestions] == [(1,)]
    assert {c.name: c.is_met for c in decision.suggestions[0].criteria} == {
        "reference": False, "number": False, "amount": True, "account": False, "name": True,
    }  # fmt: skip


def test_a_sum_of_a_customers_invoices_is_suggested() -> None:
    rows = [invoice(1, "100"), invoice(2, "50"), invoice(3, "33")]

    decision = decide(payment("150", payer_name="Klant"), rows, Memory())

    assert decision.suggestions[0].invoice_ids == (1, 2)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Électricité Müller SRL", "MULLER ELECTRICITE", True),
        ("De Smet & Zonen BV", "ZONEN DE SMET B.V.", True),
        ("Van den Broeck Transport", "VAN DEN BROECK TRANSPO", True),
        ("Jan Peeters", "Jan Janssens", False),
        ("", "Jan", False),
    ],
)
def test_names_are_compared_without_accents_forms_and_order(one: str, other: str, *, is_same: bool) -> None:
    assert (likeness(one, other) >= 0.8) is is_same
    assert likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(
    ("text", "number", "is_named"),
    [
        ("betaald op 12/05/2026", "12052026", False),
        ("BE68 5390 0754 7034", "53900754", False),
        ("090/9337/55493", "09093", False),
        ("1.234,56", "1234", False),
        ("12", "12", False),
        ("factuur 12", "12", True),
        ("facturen 11, 12 en 13", "13", True),
        ("factuur 112", "12", False),
        ("F2026-00012", "F2026-12", True),
        ("f 2026 00012", "F2026-00012", True),
        ("BE68 5390 0754 7034 fact 249", "249", True),
    ],
)
def test_a_number_is_told_from_dates_accounts_amounts_and_chance(text: str, number: str, *, is_named: bool) -> None:
    assert names_in_full(read_writing(text), number) is is_named


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_labelled_cases_nothing_automatic_is_wrong_and_people_find_the_rest(seed: int) -> None:
    result = score(make_cases(seed=seed, count=1200))

    assert result.wrong == []
    assert result.precision == 1
    assert (result.recall or 0) >= 0.9
    assert (result.found_by_suggestion or 0) >= 0.98
    assert (result.false_suggestions or 0) <= 0.05
    assert (result.naive_recall or 1) < 0.6


def test_the_labelled_cases_have_the_mix_that_they_say() -> None:
    cases = list(make_cases(seed=1, count=1000))

    assert sum(MIX.values()) == 100
    assert {kind: sum(case.kind is kind for case in cases) for kind in Kind} == {k: 10 * n for k, n in MIX.items()}


amounts = st.decimals("0.01", "99999.99", places=2)
REFERENCES = [make_structured_communication(n) for n in range(1, 4)]
texts = st.lists(st.sampled_from([*REFERENCES, "factuur", "2026-0001", "2026-0002", "12", "merci"]), max_size=4)


@given(
    amounts,
    amounts,
    texts.map(" ".join),
    st.lists(st.tuples(amounts, amounts, st.sampled_from(REFERENCES), st.sampled_from("KL")), max_size=6),
    st.booleans(),
)
def test_nothing_is_given_beyond_what_is_loose_or_open(
    amount: Decimal,
    loose: Decimal,
    text: str,
    rows: list[tuple[Decimal, Decimal, str, str]],
    oldest_first: bool,  # `given` has no keywords
) -> None:
    candidates = [
        invoice(n, str(payable), still_open=max(payable - paid, Decimal(0)), reference=reference, customer=customer)
        for n, (payable, paid, reference, customer) in enumerate(rows)
    ]
    pay = payment(str(amount), loose=min(amount, loose), text=text, payer_account=ACCOUNT)

    decision = decide(pay, candidates, Memory(customers_of=KNOWN.customers_of, oldest_first=oldest_first))

    assert sum(a.amount for a in decision.assignments) <= pay.loose
    for assignment in decision.assignments:
        assert 0 < assignment.amount <= candidates[assignment.invoice_id].still_open
    assert bool(decision.assignments) is (decision.reason is None)
    assert decide(pay, candidates[::-1], Memory(KNOWN.customers_of, oldest_first=oldest_first)) == decision
