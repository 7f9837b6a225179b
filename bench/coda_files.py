"""Bank files of any size, believable movements in them; the same arguments give the same bytes."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from apps.core.structured_communication import make_structured_communication
from apps.statements.coda.writer import MovementDraft, StatementDraft, write_file

_FIRST_DAY: Final = date(2026, 1, 5)
_COUNTERPARTY: Final = "BE71096123456769"


def make_file(
    iban: str, enterprise_number: str, *, number: int, movements: int, statements: int = 1, is_matchable: bool = True
) -> bytes:
    """Return a file with statements `number`, `number` + 1, … of one account, each with so many movements."""
    return write_file(
        [
            _statement(iban, enterprise_number, number + more, movements, is_matchable=is_matchable)
            for more in range(statements)
        ]
    )


def _statement(iban: str, enterprise_number: str, number: int, movements: int, *, is_matchable: bool) -> StatementDraft:
    day = _FIRST_DAY + timedelta(days=number % 300)
    return StatementDraft(
        iban=iban,
        bic="GKCCBEBB",
        holder_name="MEETBEDRIJF",
        enterprise_number=enterprise_number,
        number=number,
        creation_date=day + timedelta(days=1),
        old_balance=Decimal("1000.00"),
        old_balance_date=day - timedelta(days=1),
        new_balance_date=day,
        movements=tuple(_movements(day, movements, is_matchable=is_matchable)),
    )


def _movements(day: date, count: int, *, is_matchable: bool) -> Iterator[MovementDraft]:
    """Three credits with a reference for every two debits with free text, as in the demo."""
    for ordinal in range(count):
        if is_matchable and ordinal % 5 < 3:
            yield MovementDraft(
                amount=Decimal(8_000 + ordinal % 200_000) / 100,
                entry_date=day,
                value_date=day,
                structured_communication=make_structured_communication(ordinal),
                counterparty_name=f"KLANT {ordinal}",
                counterparty_iban=_COUNTERPARTY,
            )
        else:
            yield MovementDraft(
                amount=-Decimal(2_000 + ordinal % 50_000) / 100,
                entry_date=day,
                value_date=day,
                transaction_code="00101000",
                communication=f"maandelijkse factuur {ordinal}",
                counterparty_name=f"LEVERANCIER {ordinal}",
            )
