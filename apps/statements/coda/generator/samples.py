"""Believable movements, and a payload for every structured communication."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from apps.core.identifiers import belgian_bban_to_iban
from apps.core.structured_communication import make_structured_communication
from apps.statements.coda.drafts import MovementDraft, Structured
from apps.statements.coda.layouts import LAYOUTS, Field

_CUSTOMERS: Final = ("JANSSENS BV", "DUBOIS SRL", "PEETERS EN ZONEN", "ATELIER LAMBERT", "BAKKERIJ DE MOLEN")
_EXPENSES: Final = ("LUMINUS", "PROXIMUS", "TELENET", "SODEXO", "VIVIUM")
_STREETS: Final = ("KERKSTRAAT", "RUE DE LA LOI", "STATIONSLAAN", "CHAUSSEE DE MONS")
_TOWNS: Final = ("9000 GENT", "1000 BRUSSEL", "4000 LIEGE", "2800 MECHELEN")
# What a field of a layout may hold, where digits or any text will not do.
_FITTING: Final = {"currency": "EUR", "country": "BE", "category": "006", "sign": "0", "minimum": "2"}


def believable_movement(dice: Random, day: date, ordinal: int) -> MovementDraft:
    """Return a movement of that day: most are transfers, a few direct debits and cards."""
    kind = dice.random()
    plain = MovementDraft(
        amount=Decimal(dice.randrange(1_00, 3_000_00)) / 100,
        entry_date=day,
        value_date=day,
        bank_reference=f"{day:%y%m%d}{ordinal:09d}",
    )
    if kind < 0.5:
        return _payment_received(dice, plain, ordinal)
    if kind < 0.8:
        return _payment_made(dice, plain)
    return _direct_debit(dice, plain, day) if kind < 0.9 else _card_payment(dice, plain, day)


def _payment_received(dice: Random, plain: MovementDraft, ordinal: int) -> MovementDraft:
    name = dice.choice(_CUSTOMERS)
    has_reference = dice.random() < 0.6
    return replace(
        plain,
        transaction_code="00150000",
        structured_communication=make_structured_communication(dice.randrange(10**10)) if has_reference else "",
        communication="" if has_reference else f"FACTUUR {plain.entry_date.year}-{ordinal:04d}",
        counterparty_name=name,
        counterparty_iban=believable_iban(dice),
        counterparty_bic="GKCCBEBB",
        customer_reference=f"E2E-{dice.randrange(10**9):09d}",
        information=[party(dice, name)] if dice.random() < 0.7 else [],
    )


def _payment_made(dice: Random, plain: MovementDraft) -> MovementDraft:
    return replace(
        plain,
        amount=-plain.amount,
        transaction_code="00101000",
        communication="MAANDELIJKSE FACTUUR",
        counterparty_name=dice.choice(_EXPENSES),
        counterparty_iban=believable_iban(dice),
        counterparty_bic="KREDBEBB",
        customer_reference="NOTPROVIDED",
    )


def _direct_debit(dice: Random, plain: MovementDraft, day: date) -> MovementDraft:
    text = f"CONTRACT {dice.randrange(10**7)}"
    payload = f"{day:%d%m%y}110{'BE32ZZZ0472749690':35}MANDATE-{dice.randrange(10**8):<27}{text:62}0{'':4}"
    return replace(
        plain,
        amount=-plain.amount,
        transaction_code="00501000",
        structure=Structured("127", payload),
        counterparty_name=dice.choice(_EXPENSES),
        counterparty_iban=believable_iban(dice),
    )


def _card_payment(dice: Random, plain: MovementDraft, day: date) -> MovementDraft:
    paid_on = day - timedelta(days=1)
    card = f"6703********{dice.randrange(10**4):04d}"
    payload = f"{card}1174017{dice.randrange(10**6):06d}{paid_on:%d%m%y}{dice.randrange(8, 20):02d}305DELHAIZE"
    return replace(
        plain,
        amount=-plain.amount,
        transaction_code="00402000",
        structure=Structured("113", f"{payload:56}{dice.choice(_TOWNS)[5:]:10}"),
    )


def believable_iban(dice: Random) -> str:
    """Return a Belgian IBAN with right check digits."""
    base = dice.randrange(10**10)
    return belgian_bban_to_iban(f"{base:010d}{base % 97 or 97:02d}")


def party(dice: Random, name: str) -> Structured:
    """Return an information record about the counterparty (001)."""
    street = f"{dice.choice(_STREETS)} {dice.randrange(1, 200)}"
    return Structured("001", f"{name:70}{street:35}{dice.choice(_TOWNS):35}")


def payload_of(communication_type: str, day: date) -> str:
    """Return a payload with a fitting value in every field of a type."""
    fields: Sequence[Field] = LAYOUTS[communication_type]
    reference = {"100": "RF18539007547034"}.get(communication_type, "090933755493")
    return "".join(_value(field, day, reference).ljust(field.width) for field in fields)


def _value(field: Field, day: date, reference: str) -> str:
    if field.name == "reference":
        return reference[: field.width]
    if field.name in _FITTING or field.name.startswith("currency") or field.name.endswith("currency"):
        return _FITTING.get(field.name, "EUR")
    if field.kind in {"date", "long date"}:
        return f"{day:%d%m%y}" if field.kind == "date" else f"{day:%d%m%Y}"
    if field.kind == "text":
        return field.name.upper().replace("_", " ")[: field.width]
    return {"time": "1230", "code": "1"}.get(field.kind, f"{12340:0{field.width}d}"[-field.width :])
