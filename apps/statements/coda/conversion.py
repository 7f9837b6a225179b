"""What the bank tells of the way from what a payer sent to what it credited: its costs, and another currency.

The layouts are those of annex III of CODA 2.6. Costs stand as shares of one amount (details of types 8 and 9), as
details of an amount (information 006), or follow from the gross amount of a payment from abroad (communication 105).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from apps.statements.coda.movements import Movement

_GROSS: Final = "100"
# The net amount, the gross amount, and what a rounding changed, are no costs.
_NO_COSTS: Final = frozenset({"000", _GROSS, "063"})
_DETAIL_OF_AMOUNT: Final = "006"
_FROM_ABROAD: Final = "105"
_CARD: Final = "113"
_NOTHING: Final = Decimal(0)


class Conversion(NamedTuple):
    """What the bank kept, in the account's currency, and what was sent where that was in another one (else none)."""

    bank_cost: Decimal
    original_amount: Decimal | None
    original_currency: str


UNCHANGED: Final = Conversion(_NOTHING, None, "")


def conversion_of(movement: Movement, shares: Sequence[Movement], currency: str) -> Conversion:
    """Return what happened to money that came in; `shares` are its details of types 8 and 9.

    Costs are told only where the bank's figures add up to the amount.
    """
    if movement.thousandths <= 0:
        return UNCHANGED
    kind = movement.communication_type
    if not (shares or movement.attached or kind in {_FROM_ABROAD, _CARD}):
        return UNCHANGED
    cost = _cost(movement.amount, [(share.category, share.amount) for share in shares])
    cost = cost or _cost(movement.amount, _details_of(movement, currency))
    original, original_currency = _original(movement, currency) if kind in {_FROM_ABROAD, _CARD} else (None, "")
    return Conversion(cost or _gross_less_net(movement, kind), original, original_currency)


def _details_of(movement: Movement, currency: str) -> Iterable[tuple[str, Decimal]]:
    for information in movement.information:
        structure = information.structure
        if structure and structure.type == _DETAIL_OF_AMOUNT and structure.values["currency"] == currency:
            amount = structure.values["amount"]
            if isinstance(amount, Decimal):
                yield str(structure.values["category"]), amount


def _cost(net: Decimal, lines: Iterable[tuple[str, Decimal]]) -> Decimal:
    """Return the costs among signed lines; of no use is a gross amount that, less the costs, is not the net."""
    found = list(lines)
    cost = -sum((amount for category, amount in found if category not in _NO_COSTS), _NOTHING)
    gross = [amount for category, amount in found if category == _GROSS]
    if cost <= 0 or len(gross) > 1 or (gross and gross[0] - cost != net):
        return _NOTHING
    return cost


def _gross_less_net(movement: Movement, kind: str | None) -> Decimal:
    structure = movement.structure if kind == _FROM_ABROAD else None
    gross = structure.values["gross_amount"] if structure else None
    return gross - movement.amount if isinstance(gross, Decimal) and gross > movement.amount else _NOTHING


def _original(movement: Movement, currency: str) -> tuple[Decimal | None, str]:
    structure = movement.structure
    values = structure.values if structure else {}
    amount, other = values.get("original_amount"), str(values.get("currency", ""))
    is_other = len(other) == 3 and other.isalpha() and other != currency
    return (amount, other) if is_other and isinstance(amount, Decimal) and amount > 0 else (None, "")
