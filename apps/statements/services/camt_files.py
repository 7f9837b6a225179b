"""Statements as CAMT.053, read while they are sent."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from apps.statements.coda.camt import CamtLine, CamtStatement, CamtSummary, camt053
from apps.statements.models import Movement, Statement
from apps.statements.pdf import Totals
from apps.statements.selectors import list_lines_of, total_up_each

_AT_ONCE: Final = 2_000


def write_camt(statements: Sequence[Statement], *, message_uuid: UUID, created_at: datetime) -> Iterator[bytes]:
    """Yield the CAMT.053 of statements of one account, oldest first; two queries, whatever their number."""
    message = _statements(statements)
    return camt053(message, message_id=message_uuid.hex, created_at=created_at)


def _statements(statements: Sequence[Statement]) -> Iterator[CamtStatement]:
    rows = list_lines_of(statements=statements)
    groups = groupby(rows.iterator(chunk_size=_AT_ONCE), key=lambda row: row.statement_id)
    totals = total_up_each(statements)
    pending = next(groups, None)
    for statement in sorted(statements, key=lambda row: (row.new_balance_on, row.pk)):
        lines: Iterator[Movement] = iter(())
        if pending and pending[0] == statement.pk:
            lines = pending[1]
        yield _statement(statement, totals.get(statement.pk), lines)
        if pending and pending[0] == statement.pk:
            pending = next(groups, None)


def _statement(statement: Statement, totals: Totals | None, lines: Iterator[Movement]) -> CamtStatement:
    return CamtStatement(
        id=statement.uuid.hex,
        number=statement.number,
        created_at=statement.stored_at,
        iban=statement.iban,
        currency=statement.currency,
        bic=statement.bic,
        holder_name=statement.holder_name,
        old_balance=statement.old_balance,
        old_balance_date=statement.old_balance_on or statement.new_balance_on,
        new_balance=statement.new_balance,
        new_balance_date=statement.new_balance_on,
        summary=_summary(totals),
        lines=(_line(movement) for movement in lines),
    )


def _summary(totals: Totals | None) -> CamtSummary | None:
    """A separate application gives parts without their total: there is nothing booked to sum up."""
    if totals is None or not totals.movements:
        return None
    return CamtSummary(entries=totals.movements, credit=totals.credit, debit=totals.debit)


def _line(movement: Movement) -> CamtLine:
    return CamtLine(
        level=movement.level,
        transaction_code=movement.transaction_code,
        amount=movement.amount,
        entry_date=movement.entry_on,
        value_date=movement.value_on,
        counterparty_name=movement.counterparty_name,
        counterparty_account=movement.counterparty_iban,
        counterparty_bic=movement.counterparty_bic,
        structured_communication=movement.structured_communication,
        communication=movement.communication,
        customer_reference=movement.customer_reference,
        bank_reference=movement.bank_reference,
        information=movement.information,
    )
