"""How good the rules are on labelled cases: precision and recall by kind, and the rank of the truth."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from apps.reconciliation.matching.decision import decide
from apps.reconciliation.matching.made_up import Case, Kind
from apps.reconciliation.matching.values import Assignment, Decision
from apps.reconciliation.rules import NOTHING, Debit, DifferenceKind, find_original, held_back

FIRST_SUGGESTIONS: Final = 3


@dataclass
class Score:
    """Counts over the cases; the shares are `None` where nothing was counted."""

    counts: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    naive_right: int = 0
    wrong: list[tuple[Case, Decision]] = field(default_factory=list)
    missed: list[tuple[Case, Decision]] = field(default_factory=list)

    def total(self, what: str) -> int:
        """Return a count over all kinds."""
        return sum(count for (_kind, name), count in self.counts.items() if name == what)

    @property
    def precision(self) -> float | None:
        """Automatic matches that are right, of all automatic matches."""
        return _share(self.total("right"), self.total("right") + self.total("wrong"))

    @property
    def recall(self) -> float | None:
        """Automatic matches that are right, of the cases that the data determine."""
        return _share(self.total("determined right"), self.total("determined"))

    @property
    def found_by_suggestion(self) -> float | None:
        """Undetermined cases with a truth that is among the first three suggestions (or was matched)."""
        return _share(self.total("suggested"), self.total("undetermined"))

    @property
    def false_suggestions(self) -> float | None:
        """Cases of no invoice that got a suggestion, or worse."""
        return _share(self.total("suggested for none"), self.total("none"))

    @property
    def naive_recall(self) -> float | None:
        """What the rule "one open invoice has this amount" gets right, of all cases with a truth."""
        return _share(self.naive_right, self.total("determined") + self.total("undetermined"))


def score(cases: Iterable[Case]) -> Score:
    """Decide every case and count."""
    result = Score()
    for case in cases:
        decision = decide(case.payment, case.candidates, case.memory)
        _count(result, case, decision)
        result.naive_right += _is_right_naively(case)
    return result


def _count(result: Score, case: Case, decision: Decision) -> None:
    given = tuple(sorted(_assigned(case, decision)))
    is_right = bool(given) and given == tuple(sorted(case.truth))
    if given:
        result.counts[case.kind, "right" if is_right else "wrong"] += 1
    if given and not is_right:
        result.wrong.append((case, decision))
    if not case.truth:
        result.counts[case.kind, "none"] += 1
        result.counts[case.kind, "suggested for none"] += bool(given or decision.suggestions)
        return
    kind = "determined" if case.is_determined else "undetermined"
    result.counts[case.kind, kind] += 1
    if case.is_determined:
        result.counts[case.kind, "determined right"] += is_right
        is_found = is_right
    else:
        meant = {invoice_id for invoice_id, _amount in case.truth}
        shown = [set(s.invoice_ids) for s in decision.suggestions[:FIRST_SUGGESTIONS]]
        is_found = is_right or meant in shown
        result.counts[case.kind, "suggested"] += is_found
    if not is_found:
        result.missed.append((case, decision))


def _assigned(case: Case, decision: Decision) -> list[tuple[int, Decimal]]:
    payment = case.payment
    if payment.amount >= NOTHING:
        return [(assignment.invoice_id, _covered(assignment)) for assignment in decision.assignments]
    original = find_original(Debit(payment.amount, payment.reference, payment.payer_account), case.given)
    return [(back.invoice_id, back.amount) for back in held_back(original[0])] if original else []


def _covered(assignment: Assignment) -> Decimal:
    """Return what an assignment pays of its invoice, in the invoice's currency; other differences are not paid."""
    changed = assignment.difference
    return assignment.amount + (changed.amount if changed and changed.kind is DifferenceKind.EXCHANGE else NOTHING)


def _is_right_naively(case: Case) -> bool:
    equal = [c for c in case.candidates if c.still_open == case.payment.amount]
    return len(equal) == 1 and case.truth == ((equal[0].id, Decimal(case.payment.amount)),)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
