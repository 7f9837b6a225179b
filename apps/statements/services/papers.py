"""What the papers of a statement say, taken from its rows and the bank's file."""

from typing import Final

from apps.blobs.selectors import open_bytes
from apps.companies.selectors import find_account
from apps.statements.coda import outputs
from apps.statements.coda.codaplus import CodaPlusStatement, CodaPlusTransaction, codaplus_xml
from apps.statements.models import Movement, Statement
from apps.statements.pdf import MAX_LINES, SheetMovement, StatementSheet, render_statement
from apps.statements.selectors import total_up

_AT_ONCE: Final = 2_000


def make_cod(statement: Statement) -> bytes:
    """Cut the statement out of the bank's file, which may hold those of others."""
    with open_bytes(statement.coda_file.blob) as file:
        return outputs.logical_statement(file, statement.first_line, statement.last_line)


def make_xml(statement: Statement) -> bytes:
    """Write the money received, each amount once: of a total with its parts, the parts."""
    incoming = statement.movements.filter(amount__gt=0, is_money=True).order_by("ordinal")
    return codaplus_xml(
        CodaPlusStatement(
            iban=statement.iban,
            bic=statement.bic,
            currency=statement.currency,
            number=statement.number,
            new_balance_date=statement.new_balance_on,
            transactions=(_transaction(movement) for movement in incoming.iterator(chunk_size=_AT_ONCE)),
        )
    )


def make_pdf(statement: Statement) -> bytes:
    """Draw the statement for people, in its company's language."""
    account = find_account(iban=statement.iban, currency=statement.currency)
    language = account.company.language if account else "nl"
    return render_statement(_sheet(statement), language=language)


def _transaction(movement: Movement) -> CodaPlusTransaction:
    return CodaPlusTransaction(
        sequence=movement.sequence,
        detail=movement.detail,
        amount=movement.amount,
        entry_date=movement.entry_on,
        value_date=movement.value_on,
        counterparty_name=movement.counterparty_name,
        counterparty_account=movement.counterparty_iban,
        counterparty_bic=movement.counterparty_bic,
        structured_communication=movement.structured_communication,
        communication=movement.communication,
        bank_reference=movement.bank_reference,
    )


def _sheet(statement: Statement) -> StatementSheet:
    return StatementSheet(
        iban=statement.iban,
        currency=statement.currency,
        bic=statement.bic,
        holder_name=statement.holder_name,
        number=f"{statement.number:03d}",
        old_balance=statement.old_balance,
        old_balance_date=statement.old_balance_on,
        new_balance=statement.new_balance,
        new_balance_date=statement.new_balance_on,
        totals=total_up(statement=statement),
        bank_messages=statement.bank_messages,
        movements=tuple(_sheet_movement(movement) for movement in statement.movements.order_by("ordinal")[:MAX_LINES]),
    )


def _sheet_movement(movement: Movement) -> SheetMovement:
    return SheetMovement(
        sequence=movement.sequence,
        level=movement.level,
        transaction_code=movement.transaction_code,
        entry_date=movement.entry_on,
        value_date=movement.value_on,
        amount=movement.amount,
        counterparty_name=movement.counterparty_name,
        counterparty_account=movement.counterparty_iban,
        counterparty_bic=movement.counterparty_bic,
        structured_communication=movement.structured_communication,
        communication=movement.communication,
        bank_reference=movement.bank_reference,
        information=movement.information,
    )
