"""Writing CODA files: from drafts, for the demo, the sandbox and tests, or back as read (Febelfin CODA 2.6)."""

from codecs import IncrementalEncoder, getincrementalencoder
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Final

from apps.statements.coda.characters import to_printable
from apps.statements.coda.drafts import MovementDraft, StatementDraft, Structured, UnwritableDraft
from apps.statements.coda.fields import BELGIAN_BBAN, BELGIAN_IBAN, CREDIT, DEBIT, FOREIGN_IBAN, UNKNOWN_DATE
from apps.statements.coda.physical_lines import RECORD_LENGTH
from apps.statements.coda.reader import CodaFile
from apps.statements.coda.version_1 import as_version_1

__all__ = [
    "MovementDraft",
    "StatementDraft",
    "Structured",
    "UnwritableDraft",
    "write_back",
    "write_file",
    "write_statement",
]

_LINE_END: Final = "\r\n"
_ROLL_OVER: Final = 10_000
_CODE_LENGTH: Final = 8
_COMMUNICATION_WIDTHS: Final = (53, 53, 43)
_INFORMATION_WIDTHS: Final = (73, 105, 90)
_LARGEST_AMOUNT: Final = 10**15


def write_back(coda_file: CodaFile) -> Iterator[bytes]:
    """Read a file and yield its bytes again, as they were: one piece a statement, then what stands after the last.

    Every line is in them, also those that a finding is about. Of a quarantined file, what stood before the fault.
    """
    encoder: IncrementalEncoder | None = None
    for statement in coda_file:
        if encoder is None and coda_file.encoding:
            # The encoder writes a byte order mark once, where there was one.
            encoder = getincrementalencoder(coda_file.encoding.name)()
        if encoder:
            yield encoder.encode("".join(statement.raw_text))
    if encoder:
        yield encoder.encode("".join(coda_file.rest), final=True)


def write_file(drafts: Sequence[StatementDraft], *, encoding: str = "cp1252", line_end: str = _LINE_END) -> bytes:
    """Write statements into one file; characters that the encoding lacks become question marks.

    `encoding` is one of those with one byte a character. Raises `UnwritableDraft`.
    """
    last = len(drafts) - 1
    text = "".join(write_statement(draft, is_last=index == last) for index, draft in enumerate(drafts))
    return text.replace(_LINE_END, line_end).encode(encoding, errors="replace")


def write_statement(draft: StatementDraft, *, is_last: bool = True) -> str:
    """Write one statement: records 0 to 9, of 128 characters and a line end. Raises `UnwritableDraft`."""
    debit = -sum(_thousandths(movement.amount) for movement in draft.movements if movement.amount < 0)
    credit = sum(_thousandths(movement.amount) for movement in draft.movements if movement.amount > 0)
    records = [_opening(draft), *_movements(draft)]
    if draft.movements or draft.free_messages:
        records.append(_closing(draft, _thousandths(draft.old_balance) + credit - debit))
    trailer = f"9{'':15}{len(records):06d}{_digits(debit)}{_digits(credit)}{'':75}{2 if is_last else 1}"
    lines = [_header(draft), *records, *_messages(draft.free_messages), trailer]
    if draft.version == "1":
        lines = [as_version_1(line) for line in lines]
    return "".join(f"{_whole(line)}{_LINE_END}" for line in lines)


def _header(draft: StatementDraft) -> str:
    return (
        f"00000{_day(draft.creation_date)}{'':0<3}05{'D' if draft.is_resent else ' '}{'':7}"
        f"{_text(draft.file_reference, 10)}{_text(draft.holder_name, 26)}{_text(draft.bic, 11)}"
        f"{draft.enterprise_number:0>11} {_text(draft.separate_application, 5)}{'':32}{'':7}{draft.version}"
    )


def _opening(draft: StatementDraft) -> str:
    return (
        f"1{_structure(draft)}{draft.paper_number:03d}{_own_account(draft)}"
        f"{_signed(_balance(draft, _thousandths(draft.old_balance)))}{_day(draft.old_balance_date)}"
        f"{_text(draft.holder_name, 26)}{_text(draft.account_description, 35)}{draft.number:03d}"
    )


def _structure(draft: StatementDraft) -> str:
    if draft.version == "1":
        return BELGIAN_BBAN
    return draft.account_structure or (BELGIAN_IBAN if draft.iban.startswith("BE") else FOREIGN_IBAN)


def _own_account(draft: StatementDraft) -> str:
    if _structure(draft) == BELGIAN_BBAN:
        return f"{_text(draft.iban[-12:], 12)} {_text(draft.currency, 3)}0BE{'':18}"
    return _account(draft.iban, draft.currency)


def _balance(draft: StatementDraft, thousandths: int) -> int:
    """A separate application gives some movements only, and no balances."""
    return thousandths if not draft.separate_application.strip("0 ") else 0


def _closing(draft: StatementDraft, balance: int) -> str:
    return (
        f"8{draft.paper_number:03d}{_own_account(draft)}{_signed(_balance(draft, balance))}"
        f"{_day(draft.new_balance_date)}{'':64}{1 if draft.free_messages else 0}"
    )


def _messages(messages: Sequence[str]) -> Iterator[str]:
    for number, message in enumerate(messages, start=1):
        link = 1 if number < len(messages) else 0
        yield f"4 {number:04d}0000{'':22}{_text(message, 80)}{'':15}{link}"


def _movements(draft: StatementDraft) -> Iterator[str]:
    for ordinal, movement in enumerate(draft.movements, start=1):
        numbers = (f"{ordinal % _ROLL_OVER:04d}{detail % _ROLL_OVER:04d}" for detail in count())
        yield from _group(movement, draft, numbers, depth=1, closes=0)


def _group(
    movement: MovementDraft, draft: StatementDraft, numbers: Iterator[str], depth: int, closes: int
) -> Iterator[str]:
    """Write a movement and its details; the first and the last record of a group carry its level.

    `closes` is the level of the group that this movement ends, 0 when it ends none.
    """
    yield from _movement(movement, draft, numbers, level=f"{depth if movement.details else closes}")
    for position, detail in enumerate(movement.details, start=1):
        is_end = position == len(movement.details)
        yield from _group(detail, draft, numbers, depth + 1, closes=(closes or depth) if is_end else 0)


def _movement(movement: MovementDraft, draft: StatementDraft, numbers: Iterator[str], level: str) -> Iterator[str]:
    """Write the parts of one movement, and its information; `level` is the globalisation code."""
    number = next(numbers)
    kind, pieces = _communication(movement)
    part1 = (
        f"21{number}{_text(movement.bank_reference, 21)}{_signed(_thousandths(movement.amount))}"
        f"{_day(movement.value_date)}{_code(movement)}{kind}{pieces[0]}"
        f"{_day(movement.entry_date)}{draft.paper_number:03d}{level}"
    )
    part2 = (
        f"{pieces[1]}{_text(movement.customer_reference, 35)}{_text(movement.counterparty_bic, 11)}{'':3}"
        f"{_text(movement.r_transaction, 1)}{_text(movement.reason_code, 4)}{'':8}"
    )
    account = _account(movement.counterparty_iban, draft.currency if movement.counterparty_iban else "")
    part3 = f"{account}{_text(movement.counterparty_name, 35)}{pieces[2]}"
    parts = [part1]
    parts += [f"22{number}{part2}"] if part2.strip() else []
    parts += [f"23{number}{part3}"] if part3.strip() else []
    yield from _chain(parts, has_more=bool(movement.information))
    for position, text in enumerate(movement.information, start=1):
        yield from _information(movement, text, next(numbers), has_more=position < len(movement.information))


def _communication(movement: MovementDraft) -> tuple[str, list[str]]:
    """Return the type digit and the pieces of the communication, each padded to its width."""
    reference = movement.structured_communication
    if movement.structure:
        return "1", _pieces("".join(movement.structure), _COMMUNICATION_WIDTHS)
    if not reference:
        return "0", _pieces(movement.communication, _COMMUNICATION_WIDTHS)
    communication_type = "100" if reference.startswith("RF") else "101"
    return "1", _pieces(communication_type + reference, _COMMUNICATION_WIDTHS)


def _information(movement: MovementDraft, text: str | Structured, number: str, *, has_more: bool) -> Iterator[str]:
    kind = "0" if isinstance(text, str) else "1"
    first, second, third = _pieces("".join(text), _INFORMATION_WIDTHS)
    start = f"31{number}{_text(movement.bank_reference, 21)}{_code(movement)}{kind}{first}{'':12}"
    parts = [start]
    parts += [f"32{number}{second}{'':10}"] if (second + third).strip() else []
    parts += [f"33{number}{third}{'':25}"] if third.strip() else []
    yield from _chain(parts, has_more=has_more)


def _chain(parts: Sequence[str], *, has_more: bool) -> Iterator[str]:
    """Append the next codes, and on the last part the link code."""
    for part in parts[:-1]:
        yield f"{part}1 0"
    yield f"{parts[-1]}0 {1 if has_more else 0}"


def _pieces(text: str, widths: Sequence[int]) -> list[str]:
    padded = _text(text, sum(widths))
    ends = [sum(widths[: index + 1]) for index in range(len(widths))]
    return [padded[end - width : end] for end, width in zip(ends, widths, strict=True)]


def _account(iban: str, currency: str) -> str:
    return f"{_text(iban, 34)}{_text(currency, 3)}"


def _code(movement: MovementDraft) -> str:
    if len(movement.transaction_code) != _CODE_LENGTH:
        raise UnwritableDraft(f"A transaction code has eight characters: {movement.transaction_code!r}.")
    return movement.transaction_code


def _text(text: str, width: int) -> str:
    if len(text) > width:
        raise UnwritableDraft(f"{text[:40]!r} has {len(text)} characters, there is room for {width}.")
    return to_printable(text).ljust(width)


def _day(day: date | None) -> str:
    return f"{day:%d%m%y}" if day else UNKNOWN_DATE


def _thousandths(amount: Decimal) -> int:
    thousandths = amount.scaleb(3)
    if thousandths != int(thousandths) or abs(thousandths) >= _LARGEST_AMOUNT:
        raise UnwritableDraft(f"The amount {amount} has no place in twelve digits and three decimals.")
    return int(thousandths)


def _digits(thousandths: int) -> str:
    if not 0 <= thousandths < _LARGEST_AMOUNT:
        raise UnwritableDraft("A sum has more than fifteen digits.")
    return f"{thousandths:015d}"


def _signed(thousandths: int) -> str:
    return f"{DEBIT if thousandths < 0 else CREDIT}{_digits(abs(thousandths))}"


def _whole(record: str) -> str:
    if len(record) != RECORD_LENGTH:
        raise UnwritableDraft(f"A record came out at {len(record)} characters: {record[:40]!r}.")
    return record
