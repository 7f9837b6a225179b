"""Every reason and every criterion has a sentence, in four languages, with its particulars as people read them."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from apps.reconciliation.matching import Criterion, Payment, Reason, decide
from apps.reconciliation.matching.cases import make_cases
from apps.reconciliation.sentences import CRITERIA, REASONS, criterion_sentence, reason_sentence

PAYMENT = Payment(
    id=1,
    amount=Decimal("1234.5"),
    loose=Decimal("1234.5"),
    currency="EUR",
    entered_on=date(2026, 11, 24),
    reference="090933755493",
    payer_account="BE71096123456769",
)
FACTS = {
    "amount": "1234.500", "open": "1300", "reference": "090933755493", "number": "2026/7", "payer": "Oma",
    "customer": "Klant NV", "count": "2",
}  # fmt: skip


def said() -> dict[str, str]:
    reasons = {reason.value: reason_sentence(reason, PAYMENT) for reason in Reason}
    criteria = [
        Criterion(name, is_met=is_met, points=0, particulars={**FACTS, **more})
        for name, is_met in [*CRITERIA, ("numbers", True)]
        for more in ([{"count": "1"}, {}] if name == "numbers" else [{}])
        if name != "name_unknown"
    ]
    return reasons | {f"{c.name} {c.is_met} {c.particulars['count']}": criterion_sentence(c, "EUR") for c in criteria}


def test_every_reason_has_a_sentence() -> None:
    assert set(REASONS) == set(Reason)


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_every_sentence_is_translated(language: str) -> None:
    with translation.override("en"):
        english = said()
    with translation.override(language):
        translated = said()

    assert not [name for name, text in translated.items() if not text or text == english[name] or "%(" in text]


def test_particulars_are_written_as_people_of_that_language_read_them() -> None:
    amount = Criterion("amount", is_met=False, points=0, particulars=FACTS)
    reference = Criterion("reference", is_met=True, points=60, particulars=FACTS)

    with translation.override("nl"):
        assert "€\u00a01.234,50 is meer dan wat openstaat: €\u00a01.300,00" in criterion_sentence(amount, "EUR")
        assert "+++090/9337/55493+++" in criterion_sentence(reference, "EUR")
    with translation.override("fr"):
        assert "1\u202f234,50\u00a0€" in criterion_sentence(amount, "EUR")
        assert "BE71\u00a00961\u00a02345\u00a06769" in reason_sentence(Reason.NEVER_FOR_THIS_CUSTOMER, PAYMENT)


def test_a_payer_without_a_name_is_not_called_by_one() -> None:
    unnamed = Criterion("name", is_met=False, points=0, particulars={"payer": "", "customer": "Klant NV"})

    with translation.override("en"):
        assert criterion_sentence(unnamed, "EUR") == "The bank does not tell the payer's name."


def test_whatever_the_rules_say_of_made_up_payments_can_be_said() -> None:
    decisions = [decide(case.payment, case.candidates, case.memory) for case in make_cases(seed=7, count=300)]

    with translation.override("en"):
        reasons = {reason_sentence(d.reason, PAYMENT) for d in decisions if d.reason}
        criteria = {criterion_sentence(c, "EUR") for d in decisions for s in d.suggestions for c in s.criteria}

    assert len(reasons) > 4
    assert len(criteria) > 50
