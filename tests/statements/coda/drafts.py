"""Statements to be written: one fixed draft to vary, and a hypothesis strategy for any of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from apps.core.identifiers import belgian_bban_to_iban
from apps.core.structured_communication import make_structured_communication
from apps.statements.coda.writer import MovementDraft, StatementDraft, write_file

DAY = date(2026, 11, 19)

MOVEMENT = MovementDraft(
    amount=Decimal("1210.00"),
    entry_date=DAY,
    value_date=DAY,
    structured_communication="090933755493",
    counterparty_name="Café Klant NV",
    counterparty_iban="BE71096123456769",
    counterparty_bic="GKCCBEBB",
    customer_reference="E2E-17",
    bank_reference="2632400000171",
)

STATEMENT = StatementDraft(
    iban="BE68539007547034",
    bic="GKCCBEBB",
    holder_name="Holder NV",
    enterprise_number="0123456749",
    number=214,
    creation_date=DAY,
    old_balance=Decimal("100.00"),
    old_balance_date=date(2026, 11, 18),
    new_balance_date=DAY,
    movements=[
        MOVEMENT,
        replace(MOVEMENT, amount=Decimal("-12.34"), structured_communication="", communication="Huur"),
    ],
)


def coda_bytes(**changes: Any) -> bytes:
    """Write the fixed draft with some fields changed."""
    return write_file([replace(STATEMENT, **changes)])


def movements(count: int) -> list[MovementDraft]:
    """Make that many plain movements of one cent more each."""
    plain = MovementDraft(amount=Decimal("0.01"), entry_date=DAY, value_date=DAY)
    return [replace(plain, amount=Decimal(index) / 100) for index in range(1, count + 1)]


ibans = st.integers(0, 10**10 - 1).map(lambda base: belgian_bban_to_iban(f"{base:010d}{base % 97 or 97:02d}"))
days = st.dates(date(2001, 1, 1), date(2099, 12, 31))
amounts = st.integers(-(10**11), 10**11).map(lambda thousandths: Decimal(thousandths).scaleb(-3))


def texts(width: int) -> st.SearchStrategy[str]:
    """Make trimmed texts of characters that Windows-1252 has."""
    alphabet = st.characters(codec="cp1252", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\u00a0\u00ad")
    return st.text(alphabet, max_size=width).map(str.strip)


plain_movements = st.builds(
    MovementDraft,
    amount=amounts,
    entry_date=days,
    value_date=days,
    communication=texts(149),
    counterparty_name=texts(35),
    counterparty_iban=st.just("") | ibans,
    counterparty_bic=st.sampled_from(["", "GKCCBEBB"]),
    customer_reference=texts(35),
    bank_reference=texts(21),
    information=st.lists(texts(268), max_size=2),
)
structured_movements = st.builds(
    MovementDraft,
    amount=amounts,
    entry_date=days,
    value_date=days,
    structured_communication=st.integers(0, 10**10 - 1).map(make_structured_communication),
)
globalised_movements = st.builds(
    lambda total, details: replace(
        total,
        amount=sum((detail.amount for detail in details), Decimal(0)),
        transaction_code="10107000",
        details=[replace(detail, transaction_code="50107000") for detail in details],
    ),
    plain_movements,
    st.lists(plain_movements, min_size=1, max_size=3),
)
statement_drafts = st.builds(
    lambda old_balance_date, new_balance_date, **fields: StatementDraft(
        old_balance_date=min(old_balance_date, new_balance_date),
        new_balance_date=max(old_balance_date, new_balance_date),
        **fields,
    ),
    iban=ibans,
    bic=st.just("GKCCBEBB"),
    holder_name=texts(26),
    enterprise_number=st.just("0123456749"),
    number=st.integers(0, 999),
    creation_date=days,
    old_balance=amounts,
    old_balance_date=days,
    new_balance_date=days,
    movements=st.lists(plain_movements | structured_movements | globalised_movements, max_size=4),
    free_messages=st.lists(texts(80), max_size=2),
)
