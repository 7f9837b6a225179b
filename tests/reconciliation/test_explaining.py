"""Why is this still open: each hard case of a payment and an invoice has its sentence."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from apps.reconciliation.explanations import SENTENCES, WAYS, sentence_of
from apps.reconciliation.matching import Candidate, Memory, Payment, decide
from apps.reconciliation.matching.causes import find_cause
from apps.reconciliation.matching.explaining import (
    Booked,
    Cause,
    Fact,
    Line,
    Noted,
    Standing,
    explain,
)
from apps.reconciliation.matching.reading import read_payment
from apps.reconciliation.rules import SettlementWay

REFERENCE = "090933755493"
OTHER = "101000000151"
ACCOUNT = "BE71096123456769"
DAY = date(2026, 11, 24)
KNOWN = Memory(customers_of={ACCOUNT: frozenset({"K"})})
TOOK, AGAINST = (Noted(fact, "C1", Decimal(40)) for fact in (Fact.NOTE_TOOK, Fact.NOTE_AGAINST))
FACTS: dict[str, Any] = {
    "amount": Decimal(60), "currency": "EUR", "payer": "Oma", "paid_on": DAY, "open": Decimal("1234.5"),
    "other": "USD", "numbers": ("A", "B"), "reference": REFERENCE, "references": (OTHER, REFERENCE), "day": DAY,
    "total": Decimal(7), "covered": Decimal(5), "payable": Decimal(9), "excess": Decimal(3), "way": "cash",
    "reason": "om", "difference": Decimal("0.05"), "kind": "rounding", "number": "2026/1", "note": "C1",
    "rest": Decimal(4), "sent": Decimal(8),
}  # fmt: skip


def invoice(pk: int, payable: str, **changes: Any) -> Candidate:
    facts = {
        "number": f"2026-{pk:04d}", "reference": "", "customer": "K", "customer_name": "Klant NV",
        "currency": "EUR", "still_open": Decimal(payable), "issued_on": date(2026, 11, 1),
    }  # fmt: skip
    return Candidate(**{"id": pk, "payable": Decimal(payable), **facts, **changes})


def payment(amount: str, text: str = "", **changes: Any) -> Payment:
    facts = {
        "id": 1, "amount": Decimal(amount), "loose": Decimal(amount), "currency": "EUR", "entered_on": DAY,
        "text": text, "payer_account": ACCOUNT, "payer_name": "Oma",
    }  # fmt: skip
    return Payment(**{**facts, **changes})


ASKED = invoice(1, "100", reference=REFERENCE)
BY_CUSTOMER = {"payer_name": "KLANT"}


def cause_of(paid: Payment, *others: Candidate, asked: Candidate = ASKED, memory: Memory | None = None) -> Line | None:
    candidates, memory = [asked, *others], memory or Memory()
    decision = decide(paid, candidates, memory)
    return find_cause(read_payment(paid, candidates, memory), asked, decision, candidates, memory)


def cause(*args: Any, **kwargs: Any) -> Cause | None:
    found = cause_of(*args, **kwargs)
    return found.code if found else None  # type: ignore[return-value] # a payment's


@pytest.mark.parametrize(
    ("paid", "others", "memory", "expected"),
    [
        (payment("100", "090/9337/55439"), (), Memory(), Cause.REFERENCE_SLIP),
        (payment("50", **BY_CUSTOMER), (), Memory(), Cause.INSTALMENT),
        (payment("50"), (), KNOWN, Cause.INSTALMENT),
        (payment("61", **BY_CUSTOMER), (), Memory(), Cause.OTHER_AMOUNT),
        (payment("160", **BY_CUSTOMER), (invoice(2, "60"),), Memory(), Cause.PART_OF_SUM),
        (payment("61", "2026-0001"), (), Memory(), Cause.NUMBER_OTHER_AMOUNT),
        (payment("100", **BY_CUSTOMER), (invoice(2, "100"),), Memory(), Cause.SAME_AMOUNT),
        (payment("100"), (invoice(2, "60"), invoice(3, "40")), KNOWN, Cause.SAME_AMOUNT),
        (payment("100", **BY_CUSTOMER), (), Memory(), Cause.NAME_AND_AMOUNT),
        (payment("100"), (), Memory(), Cause.ONLY_AMOUNT),
        (payment("100"), (), Memory(customers_of={ACCOUNT: frozenset({"J"})}), Cause.ACCOUNT_OF_ANOTHER),
        (payment("100", reference=OTHER), (), Memory(), Cause.UNKNOWN_REFERENCE),
        (payment("100", reference=REFERENCE, currency="USD"), (), Memory(), Cause.OTHER_CURRENCY),
        (payment("100", reference=REFERENCE, is_in_hand=True), (), Memory(), Cause.IN_HAND),
        (payment("100", reference=REFERENCE), (), Memory(never=frozenset({(ACCOUNT, "K")})), Cause.RULED_OUT),
        (payment("150", "2026-0001 2026-0002"), (invoice(2, "60"),), Memory(), Cause.SUM_DIFFERS),
        (payment("75", reference=REFERENCE), (invoice(2, "75"),), Memory(), Cause.FITS_OTHERS),
        (payment("100", reference=REFERENCE), (invoice(2, "70", reference=REFERENCE),), Memory(),
         Cause.SHARED_REFERENCE),
        (payment("100", "2026-0001 2026-0002"), (invoice(2, "50", still_open=Decimal(0)),), Memory(),
         Cause.NAMES_PAID),
        (payment("100", "2026-0002"), (invoice(2, "50"),), Memory(), Cause.NAMES_OTHERS),
        (payment("100", "2026-0001", entered_on=date(2026, 10, 1)), (), Memory(), Cause.TOO_EARLY),
        (payment("100", entered_on=date(2026, 10, 31)), (), KNOWN, Cause.TOO_EARLY),
        (payment("100", "2026-0001", payer_name="PEETERS JAN"),
         (invoice(2, "100", customer="J", customer_name="Jan Peeters"),), Memory(), Cause.ANOTHER_CUSTOMER),
        (payment("100", "2"), (invoice(2, "50", number="2"),), KNOWN, Cause.TEXT_OF_ANOTHER),
        (payment("100", reference=REFERENCE), (), Memory(), Cause.COMING),
        (payment("61"), (), Memory(), None),
    ],
)  # fmt: skip
def test_why_a_payment_does_not_pay_by_itself(
    paid: Payment, others: tuple[Candidate, ...], memory: Memory, expected: Cause | None
) -> None:
    assert cause(paid, *others, memory=memory) is expected


def test_a_second_payment_of_a_paid_invoice_is_told_as_paid_twice() -> None:
    paid = replace(ASKED, still_open=Decimal(0))

    assert cause(payment("100", reference=REFERENCE), asked=paid) is Cause.PAID_TWICE
    assert cause(payment("100", **BY_CUSTOMER), asked=paid) is None


def test_what_a_cause_is_about_is_told_with_it() -> None:
    found = cause_of(payment("150", "2026-0001 2026-0002"), invoice(2, "60"))

    assert found is not None
    assert (found.particulars["numbers"], found.particulars["total"]) == (("2026-0001", "2026-0002"), Decimal(160))
    with translation.override("en"):
        assert sentence_of(found, "EUR") == (
            "The payment of €150.00 by Oma on 24\u00a0Nov\u00a02026 names 2026-0001 and 2026-0002, of which €160.00 is "
            "open together. That is another amount."
        )


def standing(paid: str = "open", *booked: Booked, asked: Candidate = ASKED, **changes: Any) -> Standing:
    facts: dict[str, Any] = {"state": "accepted", "seen_until": DAY, "booked": booked}
    return Standing(invoice=asked, payment_state=paid, **{**facts, **changes})


def given(amount: str, **changes: Any) -> Booked:
    facts: dict[str, Any] = {"currency": "EUR", "payer": "Oma", "paid_on": DAY, "moved_on": DAY}
    return Booked(amount=Decimal(amount), **{**facts, **changes})


def codes(told: Standing, *causes: Line) -> list[Fact | Cause]:
    return [line.code for line in explain(told, causes)]


def test_an_open_invoice_tells_what_came_or_that_nothing_did_and_what_would_be_recognised() -> None:
    came = Line(Cause.ONLY_AMOUNT)

    assert codes(standing()) == [Fact.NOTHING_CAME, Fact.RECOGNISED_BY_REFERENCE]
    assert codes(standing(asked=invoice(1, "100"))) == [Fact.NOTHING_CAME, Fact.RECOGNISED_BY_NUMBER]
    assert codes(standing(), came) == [Cause.ONLY_AMOUNT, Fact.RECOGNISED_BY_REFERENCE]
    assert codes(standing(seen_until=None)) == [Fact.NO_STATEMENTS]


def test_what_was_paid_and_closed_is_told_as_it_was() -> None:
    closed = replace(ASKED, still_open=Decimal(0))
    rounded = given("99.97", difference=Decimal("0.03"), difference_kind="rounding")
    by_hand = ("cash", DAY, "aan de toog")

    assert codes(standing("paid", given("40"), given("60"), asked=closed)) == [Fact.PAID, Fact.PAID]
    assert codes(standing("paid", rounded, asked=closed)) == [Fact.PAID, Fact.DIFFERENCE]
    assert codes(standing("overpaid", given("100"), asked=closed)) == [Fact.PAID, Fact.OVERPAID]
    assert codes(standing("settled", asked=closed, settled=by_hand)) == [Fact.SETTLED]
    assert codes(standing("settled", asked=invoice(1, "0"))) == [Fact.NOTHING_TO_PAY]
    assert codes(standing("credited", asked=closed, settled=by_hand)) == [Fact.SET_OFF]
    assert codes(standing("credited", asked=closed, notes=(TOOK,))) == [Fact.CREDITED, Fact.NOTE_TOOK]
    assert codes(standing("paid", given("100"), asked=closed), Line(Cause.PAID_TWICE)) == [
        Fact.PAID, Cause.PAID_TWICE,
    ]  # fmt: skip


def test_what_was_paid_in_part_taken_back_or_credited_is_told_with_what_is_still_awaited() -> None:
    part = replace(ASKED, still_open=Decimal(60))
    awaited = [Fact.NOTHING_CAME, Fact.RECOGNISED_BY_REFERENCE]
    returned = (given("100", is_undone=True), given("-100", is_return=True))
    undone = (given("100", is_undone=True), given("-100", is_undoing=True))

    assert codes(standing("partially_paid", given("40"), asked=part)) == [Fact.PARTLY_PAID, *awaited]
    assert codes(standing("open", *returned)) == [Fact.RETURNED, *awaited]
    assert codes(standing("open", *undone)) == [Fact.UNDONE, *awaited]
    assert codes(standing("open", notes=(TOOK,))) == [Fact.NOTE_TOOK, *awaited]


def test_what_is_no_accepted_invoice_awaits_nothing() -> None:
    assert codes(standing(state="received")) == [Fact.BEING_CHECKED]
    assert codes(standing(state="rejected")) == [Fact.REFUSED]
    assert codes(standing(is_note=True)) == [Fact.NOTE_OPEN]
    assert codes(standing(is_note=True, notes=(AGAINST,))) == [Fact.NOTE_AGAINST, Fact.NOTE_REST]
    assert codes(standing("credited", is_note=True, notes=(AGAINST,))) == [Fact.NOTE_AGAINST]


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_every_line_has_a_sentence_in_every_language(language: str) -> None:
    assert set(SENTENCES) == {*Fact, *Cause}
    assert set(WAYS) == set(SettlementWay)

    def said() -> list[str]:
        return [sentence_of(Line(code, FACTS), "EUR") for code in SENTENCES]

    with translation.override("en"):
        english = said()
    with translation.override(language):
        translated = said()

    assert not [text for text, original in zip(translated, english, strict=True) if text == original or "%(" in text]


def test_numbers_are_listed_as_people_do() -> None:
    lines = [Line(Cause.NAMES_OTHERS, {**FACTS, "numbers": tuple("ABCDEFG"[:count])}) for count in (1, 2, 4, 7)]

    with translation.override("en"):
        said = [sentence_of(line, "EUR").partition("names ")[2] for line in lines]

    assert said == [
        "A, and not this invoice.", "A and B, and not this invoice.", "A, B, C and D, and not this invoice.",
        "A, B, C and 4 more, and not this invoice.",
    ]  # fmt: skip
