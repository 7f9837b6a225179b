"""Writing movements in bulk."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import uuid4

from django.db import connection

from apps.statements.coda import Movement as ReadMovement
from apps.statements.coda.conversion import conversion_of
from apps.statements.coda.structured_payloads import SEPA_DIRECT_DEBIT
from apps.statements.models import Movement, Statement
from apps.statements.rules import StatementState, storable

COLUMNS: Final = (
    "uuid",
    "statement_id",
    "ordinal",
    "parent_ordinal",
    "sequence",
    "detail",
    "is_money",
    "amount",
    "currency",
    "entry_on",
    "value_on",
    "transaction_code",
    "counterparty_name",
    "counterparty_iban",
    "counterparty_bic",
    "structured_communication",
    "communication",
    "customer_reference",
    "bank_reference",
    "return_type",
    "information",
    "bank_cost",
    "original_amount",
    "original_currency",
    "company_id",
)


def copy_movements(statement: Statement, movements: Sequence[ReadMovement]) -> None:
    """Write a statement's movements with COPY, in the caller's transaction.

    Money belongs to details where a globalised movement has them, never to both (product page). Details of types
    8 and 9 are shares of one amount (gross, fee, VAT), so their parent stays the money.
    """
    parents = {movement.parent for movement in movements if _is_part_of_a_total(movement)}
    # Only told: a trigger looks it up, and has nothing to write where it is right.
    is_imported = statement.state == StatementState.IMPORTED
    company_id = statement.account.company_id if statement.account and is_imported else None
    table = connection.ops.quote_name(Movement._meta.db_table)
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in _rows(statement, movements, parents, company_id):
            copy.write_row(row)


def _rows(
    statement: Statement, movements: Sequence[ReadMovement], parents: set[int | None], company_id: int | None
) -> Iterator[tuple[Any, ...]]:
    shares: dict[int, list[ReadMovement]] = {}
    for movement in movements:
        if movement.parent is not None and _is_share(movement):
            shares.setdefault(movement.parent, []).append(movement)
    for movement in movements:
        is_money = movement.ordinal not in parents and (movement.is_booked or _is_part_of_a_total(movement))
        yield (
            uuid4(),
            statement.pk,
            movement.ordinal,
            movement.parent,
            movement.sequence,
            movement.detail,
            is_money,
            movement.amount,
            statement.currency,
            movement.entry_date,
            movement.value_date,
            storable(movement.transaction_code),
            storable(movement.counterparty_name[:70]),
            storable((movement.counterparty_iban or movement.counterparty_account)[:37]),
            storable(movement.counterparty_bic[:11]),
            movement.structured_communication or "",
            storable(movement.communication),
            storable(movement.customer_reference[:35]),
            storable(movement.bank_reference[:21]),
            storable(_return_type(movement)),
            _information(movement) if movement.attached else "",
            *conversion_of(movement, shares.get(movement.ordinal, ()), statement.currency),
            company_id if is_money else None,
        )


def _return_type(movement: ReadMovement) -> str:
    """Return the type of an R-transaction; before version 2.6 only the text of a direct debit (127) has it."""
    if movement.r_transaction or movement.communication_type != SEPA_DIRECT_DEBIT:
        return movement.r_transaction
    structure = movement.structure
    return str(structure.values["r_transaction"]).strip("0")[:1] if structure else ""


def _information(movement: ReadMovement) -> str:
    return storable("\n".join(filter(None, (each.words for each in movement.information))))


def _is_part_of_a_total(movement: ReadMovement) -> bool:
    """Details are parts of a total, but types 8 and 9 are shares of one amount (CODA 2.6, transaction type)."""
    return not movement.is_booked and not _is_share(movement)


def _is_share(movement: ReadMovement) -> bool:
    return movement.type in {"8", "9"}
