"""Papers made from a statement on first download: `cod`, CODAPlus `xml` and `pdf`."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from apps.blobs.selectors import read_bytes
from apps.blobs.services import store_bytes
from apps.companies.selectors import find_account
from apps.core.errors import NotFound
from apps.statements.coda import outputs
from apps.statements.models import Movement, Rendition, Statement
from apps.statements.pdf import SheetMovement, StatementSheet, render_statement


def rendition(*, statement: Statement, file_format: str, now: datetime) -> bytes:
    """Return a statement's paper in a format, made now when nobody asked for it before.

    :raises NotFound: when there is no such format.
    """
    if file_format not in MAKERS:
        raise NotFound
    made = Rendition.objects.select_related("blob").filter(statement=statement, format=file_format).first()
    if made:
        return read_bytes(made.blob)
    content = MAKERS[file_format](statement)
    blob = store_bytes(content, now=now)
    # Two first downloads at once made the same bytes: one row is enough.
    Rendition.objects.bulk_create(
        [Rendition(statement=statement, format=file_format, blob=blob)], ignore_conflicts=True
    )
    return content


def _make_cod(statement: Statement) -> bytes:
    content = read_bytes(statement.coda_file.blob)
    return outputs.logical_statement(content, statement.first_line, statement.last_line)


def _make_xml(statement: Statement) -> bytes:
    incoming = statement.movements.filter(amount__gt=0, is_money=True).order_by("ordinal")
    return outputs.codaplus_xml(
        outputs.CodaPlusStatement(
            iban=statement.iban,
            bic=statement.bic,
            currency=statement.currency,
            number=statement.number,
            new_balance_date=statement.new_balance_on,
            transactions=tuple(_codaplus_transaction(movement) for movement in incoming),
        )
    )


def _codaplus_transaction(movement: Movement) -> outputs.CodaPlusTransaction:
    return outputs.CodaPlusTransaction(
        sequence=movement.sequence,
        amount=movement.amount,
        entry_date=movement.entry_on,
        value_date=movement.value_on,
        counterparty_name=movement.counterparty_name,
        counterparty_iban=movement.counterparty_iban,
        counterparty_bic=movement.counterparty_bic,
        structured_communication=movement.structured_communication,
        communication=movement.communication,
        bank_reference=movement.bank_reference,
    )


def _make_pdf(statement: Statement) -> bytes:
    account = find_account(iban=statement.iban, currency=statement.currency)
    language = account.company.language if account else "nl"
    return render_statement(_sheet(statement), language=language)


def _sheet(statement: Statement) -> StatementSheet:
    movements = statement.movements.order_by("ordinal")
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
        movements=tuple(_sheet_movement(movement) for movement in movements),
    )


def _sheet_movement(movement: Movement) -> SheetMovement:
    return SheetMovement(
        entry_date=movement.entry_on,
        value_date=movement.value_on,
        amount=movement.amount,
        counterparty_name=movement.counterparty_name,
        counterparty_iban=movement.counterparty_iban,
        communication=movement.structured_communication or movement.communication,
        is_detail=movement.detail != 0,
    )


MAKERS: Final[dict[str, Callable[[Statement], bytes]]] = {
    "cod": _make_cod,
    "xml": _make_xml,
    "pdf": _make_pdf,
}
