"""What is loose of a company's payments as people work through it: each payment, and what it could be for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from apps.core.display import money
from apps.portal.templatetags.portal import word
from apps.reconciliation.decisions import Part
from apps.reconciliation.selectors import list_open_amounts
from apps.reconciliation.sentences import criterion_sentence, reason_sentence
from apps.reconciliation.suggesting import LookedAt, suggest_for

MOST_SHOWN: Final = 3
_MOST_PARTS: Final = 20
# More than a bank's record can hold.
_TOO_MUCH: Final = Decimal(10) ** 12


class MalformedPick(ValueError):
    """A form sent something else than what the page offered."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What a person confirms: a payment, what was loose of it when they saw it, and its parts for invoices."""

    movement_uuid: UUID
    seen: Decimal
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        parts = " ".join(f"{part.invoice_uuid}={part.amount}" for part in self.parts)
        return f"{self.movement_uuid} {self.seen} {parts}"


def read_pick(text: str) -> Pick:
    """Read what a form sent; whether any of it is so, the decision itself checks.

    :raises MalformedPick: when it was not written by a `Pick`.
    """
    try:
        movement, seen, *parts = text.split()
        read = [part.partition("=") for part in parts[:_MOST_PARTS]]
        pick = Pick(
            UUID(movement), _amount(seen), tuple(Part(UUID(uuid), _amount(amount)) for uuid, _eq, amount in read)
        )
    except (ValueError, InvalidOperation) as error:
        raise MalformedPick from error
    if not pick.parts:
        raise MalformedPick
    return pick


def _amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite() or not 0 < amount < _TOO_MUCH:
        raise MalformedPick
    return amount


@dataclass(frozen=True, slots=True)
class Offered:
    """An invoice of an offer, what is open of it, and the part of the payment that it would get."""

    invoice: Any
    open: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """What a payment could be for, with the criteria met and failed as sentences; `pick` confirms it.

    One that `is_changed` was sent in the invoice's currency, and its amount is what the bank made of that.
    """

    parts: tuple[Offered, ...]
    criteria: tuple[tuple[str, bool], ...]
    pick: Pick
    is_changed: bool

    @property
    def invoice(self) -> Any:
        """Return the first invoice: whose customer it is."""
        return self.parts[0].invoice

    @property
    def numbers(self) -> str:
        """Return the numbers of its invoices."""
        return ", ".join(part.invoice.number for part in self.parts)

    @property
    def amount(self) -> Decimal:
        """Return what of the payment they would get together."""
        return sum((part.amount for part in self.parts), Decimal(0))


@dataclass(frozen=True, slots=True)
class LooseRow:
    """A payment of which something is loose: what it could be for, likeliest first, and why nothing was certain."""

    movement: Any
    loose: Decimal
    reason: str
    offers: tuple[Offer, ...]

    @property
    def label(self) -> str:
        """Return how a person calls the payment."""
        return payment_label(self.movement)


def payment_label(movement: Any) -> str:
    """Write a payment in short: its amount, and by whom."""
    payer = movement.counterparty_name or _("not named by the bank")
    return f"{money(movement.amount, movement.currency)} · {payer}"


def look_at(company: Any, movements: Sequence[Any]) -> list[LooseRow]:
    """Return payments with what they could be for, by a number of queries that does not grow with them."""
    looked = suggest_for(company_id=company.pk, movements=movements)
    invoices = {pk: invoice for each in looked for pk, invoice in each.invoices.items()}
    still_open = list_open_amounts(invoices.values())
    return [_row(each, still_open) for each in looked]


def _row(looked: LookedAt, still_open: Mapping[int, Decimal]) -> LooseRow:
    decision, payment = looked.decision, looked.payment
    offers = []
    for suggestion in decision.suggestions[:MOST_SHOWN]:
        shares = suggestion.shares(still_open).items()
        parts = tuple(Offered(looked.invoices[pk], still_open[pk], amount) for pk, amount in shares if amount > 0)
        criteria = sorted(suggestion.criteria, key=lambda criterion: not criterion.is_met)
        said = [(criterion_sentence(each, payment.currency), each.is_met) for each in criteria]
        pick = Pick(looked.movement.uuid, payment.loose, tuple(Part(part.invoice.uuid, part.amount) for part in parts))
        offers.append(Offer(parts, tuple(said), pick, suggestion.is_changed))
    reason = reason_sentence(decision.reason, payment) if decision.reason else _certain(looked)
    return LooseRow(looked.movement, payment.loose, reason, tuple(offers))


def _certain(looked: LookedAt) -> str:
    """Say that a rule is certain: it was not when the payment came, and what changed is looked at in a moment."""
    rules = dict.fromkeys(word(each.rule, "rule") for each in looked.decision.assignments)
    return _("This fits and is assigned by itself in a moment: %(rule)s.") % {"rule": ", ".join(rules)}
