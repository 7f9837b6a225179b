"""One diagnosis of an account, and which of several it is."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from apps.core.clock import BRUSSELS
from apps.statements.health.bank_days import bank_days
from apps.statements.health.diagnosis import (
    Actor,
    BankFact,
    DiagnosisCode,
    Facts,
    MandateFact,
    UnfetchedFact,
    Urgency,
    WaitingFact,
    examine,
    next_look,
)
from apps.statements.health.rhythm import Came
from tests.statements.health.test_rhythm import came

# A Thursday; the statement of Wednesday is usually here by eight, and late from ten.
MORNING = datetime(2026, 11, 26, 9, 0, tzinfo=BRUSSELS)
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=BRUSSELS)
SINCE = datetime(2026, 2, 2, 9, 0, tzinfo=BRUSSELS)
MANDATE = MandateFact("active", SINCE, date(2026, 2, 2))
DAILY = came(bank_days(date(2026, 9, 1), date(2026, 11, 25)))
ON_TIME = BankFact("KBC", expected=40, late=0)
FINE = Facts(came=DAILY, bank=ON_TIME, known_since=SINCE, mandate=MANDATE)
UNTIL_TUESDAY = replace(FINE, came=came(bank_days(date(2026, 9, 1), date(2026, 11, 24))))
HELD = WaitingFact(date(2026, 11, 24), 214, NOON - timedelta(days=1))
UNFETCHED = UnfetchedFact("Robaws", 7, datetime(2026, 11, 18, 8, 0, tzinfo=BRUSSELS))


def code(facts: Facts, now: datetime = NOON) -> str:
    return examine(facts, now=now).diagnosis.code.value


def test_all_is_well_until_the_next_one_is_late() -> None:
    health = examine(FINE, now=NOON)

    assert health.diagnosis.code == "well"
    assert health.diagnosis.until == datetime(2026, 11, 27, 10, 0, tzinfo=BRUSSELS)
    assert health.diagnosis.actor is Actor.NOBODY


def test_before_the_usual_hour_nothing_is_late() -> None:
    assert code(UNTIL_TUESDAY, MORNING) == "well"
    assert code(UNTIL_TUESDAY, NOON) == "account_late"


def test_many_of_the_bank_late_at_once_is_the_bank_and_not_the_account() -> None:
    bank = BankFact("KBC", expected=40, late=38, since=NOON - timedelta(hours=3))

    diagnosis = examine(replace(UNTIL_TUESDAY, bank=bank), now=NOON).diagnosis

    assert (diagnosis.code, diagnosis.actor, diagnosis.urgency) == ("bank_late", Actor.BANK, Urgency.LATE)
    assert diagnosis.since == NOON - timedelta(hours=3)


@pytest.mark.parametrize(("expected", "late"), [(40, 2), (40, 10), (2, 2)])
def test_some_accounts_late_are_not_yet_the_bank(expected: int, late: int) -> None:
    assert code(replace(UNTIL_TUESDAY, bank=BankFact("KBC", expected, late))) == "account_late"


@pytest.mark.parametrize(
    ("mandate", "wanted"),
    [
        (None, "mandate_missing"),
        (MandateFact("requested", SINCE, signer="An Maes"), "mandate_requested"),
        (MandateFact("signed", SINCE), "mandate_signed"),
        (MandateFact("refused", SINCE, reason="Handtekening onbekend"), "mandate_refused"),
        (MandateFact("active", SINCE, date(2026, 12, 1)), "mandate_signed"),
        (MandateFact("ended", SINCE, date(2026, 2, 2), date(2026, 11, 26)), "mandate_ended"),
        (MandateFact("ended", SINCE, date(2026, 2, 2), date(2026, 11, 27)), "well"),
    ],
)
def test_without_a_mandate_in_force_that_is_the_diagnosis(mandate: MandateFact | None, wanted: str) -> None:
    assert code(replace(FINE, mandate=mandate)) == wanted


def test_the_first_that_applies_is_the_one() -> None:
    """Mandate, held, unrouted, not fetched, late, quiet, well: each yields to all before it."""
    late = replace(
        UNTIL_TUESDAY, held=HELD, unrouted=HELD, unfetched=[UNFETCHED], mandate=None,
        bank=BankFact("KBC", expected=9, late=9),
    )  # fmt: skip
    cures = [
        {"mandate": MANDATE},
        {"held": None},
        {"unrouted": None},
        {"unfetched": ()},
        {"bank": ON_TIME},
        {"came": DAILY},
    ]

    found, facts = [code(late)], late
    for cure in cures:
        facts = replace(facts, **cure)  # type: ignore[arg-type]
        found.append(code(facts))

    assert found == [
        "mandate_missing", "held", "unrouted", "not_fetched", "bank_late", "account_late", "well",
    ]  # fmt: skip
    order = list(DiagnosisCode)
    assert all(order.index(DiagnosisCode(one)) < order.index(DiagnosisCode(next_)) for one, next_ in pairwise(found))


def test_what_lies_ready_for_two_bank_days_is_still_being_fetched() -> None:
    tuesday = UnfetchedFact("Robaws", 2, datetime(2026, 11, 24, 8, 0, tzinfo=BRUSSELS))

    assert code(replace(FINE, unfetched=[tuesday])) == "well"
    assert code(replace(FINE, unfetched=[tuesday, UNFETCHED])) == "not_fetched"


def test_an_account_that_moves_now_and_then_is_quiet_after_an_unusual_silence_and_never_late() -> None:
    days = [date(2026, 6, 1) + timedelta(days=step) for step in (0, 3, 4, 9, 10, 17, 18, 22, 30)]
    seldom = replace(FINE, came=came(days))

    assert code(seldom, datetime(2026, 7, 3, 12, tzinfo=BRUSSELS)) == "well"
    assert code(seldom, NOON) == "quiet"


def test_a_new_account_is_too_early_to_judge_and_then_never_came() -> None:
    new = replace(FINE, came=[], mandate=MandateFact("active", NOON, date(2026, 11, 12)))

    assert code(new) == "too_early"
    assert code(new, NOON + timedelta(days=1)) == "never_came"
    assert code(replace(FINE, came=DAILY[-2:])) == "too_early"
    assert code(replace(FINE, came=DAILY[:2])) == "quiet"


def test_an_account_is_looked_at_again_when_it_becomes_late_and_often_while_it_is() -> None:
    late_at = datetime(2026, 11, 26, 10, 0, tzinfo=BRUSSELS)
    before = examine(UNTIL_TUESDAY, now=late_at - timedelta(minutes=20))

    assert next_look(before, now=late_at - timedelta(minutes=20)) == late_at
    assert next_look(examine(UNTIL_TUESDAY, now=late_at), now=late_at) == late_at + timedelta(minutes=15)
    assert examine(UNTIL_TUESDAY, now=late_at).diagnosis.code == "account_late"


def test_a_held_statement_names_itself_and_who_acts() -> None:
    diagnosis = examine(replace(FINE, held=HELD), now=NOON).diagnosis

    assert (diagnosis.actor, diagnosis.facts["number"], diagnosis.facts["day"]) == (Actor.US, "214", HELD.day)
    assert diagnosis.until == datetime(2026, 11, 27, 17, 0, tzinfo=BRUSSELS)


def test_two_statements_of_one_day_are_one_step() -> None:
    twice = [*DAILY, *(Came(each.day, each.arrived_at + timedelta(hours=3)) for each in DAILY)]

    assert examine(replace(FINE, came=twice), now=NOON).rhythm == examine(FINE, now=NOON).rhythm
