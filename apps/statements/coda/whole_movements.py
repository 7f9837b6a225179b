"""The short way for a movement whose records are all as they should be.

Nearly every movement is. One pattern then says so for all of its records at once, where the long way
(`movement_records`) looks at each record and knows what to report. Both give the same movements; whatever this
one does not recognise is left, untouched, to the long way.
"""

import re
from typing import Final

from apps.core.identifiers import is_valid_iban, looks_like_iban
from apps.statements.coda.movement_records import report_number
from apps.statements.coda.movements import Movement
from apps.statements.coda.numbering import Numbering
from apps.statements.coda.physical_lines import RECORD_LENGTH, Lines
from apps.statements.coda.progress import StatementInProgress
from apps.statements.coda.structured_payloads import TYPES_WITH_CHECK_DIGITS

# Records 2.1 to 2.3 and 3.1 to 3.3 of one movement: their numbers agree, and each next and link code says what
# comes; the next movement or a balance follows. A dot takes any character, a line end too: that each part is one line
# is counted afterwards. References of types 101 and 102 and Belgian IBANs come out as digits, ready for their check.
_WHOLE: Final = re.compile(
    r"21((?P<sequence>[0-9]{4})[0-9]{4}).{21}([01])([0-9]{15})([0-9]{6}).{8}"
    r"(?:110[12]([0-9]{10})([0-9]{2}).{38}|(.{4}).{50})([0-9]{6}).{4}"
    r"(?:1..\r?\n(22)\1.{115})?"
    r"(?:1..\r?\n(23)\1(?:BE([0-9]{2})([0-9]{12}) {18}|(.{34})).{81})?"
    r"0.(?:1\r?\n31(?P<information>(?P=sequence)[0-9]{4}).{115}"
    r"(?:1..\r?\n32(?P=information).{115})?"
    r"(?:1..\r?\n33(?P=information).{115})?"
    r"0.)*0(\r?\n)(?=21|[089])",
    re.DOTALL,
)
_CHECKED_KINDS: Final = frozenset(f"1{kind}" for kind in TYPES_WITH_CHECK_DIGITS)


def take_whole_movements(state: StatementInProgress, lines: Lines) -> None:
    """Take the movements to come, up to the first one that is not whole.

    The loop runs once a movement, and in a whole statement little else of the reader does: it is one piece, and in
    local names, for its speed.
    """
    calendar, numbering, new = state.calendar, state.numbering, tuple.__new__
    keep_movement, keep_text = state.movements.append, state.raw_text.append
    ordinal, records, debit, credit = state.ordinal, 0, 0, 0
    part1 = part2 = part3 = attached = ""
    for match, line, count in lines.matches(_WHOLE):
        (
            _, _, sign, digits, value_text, base, check, kind, entry_text,
            has_part2, has_part3, iban_check, bban, account, information, line_end,
        ) = match.groups()  # fmt: skip
        value_date, entry_date = calendar[value_text], calendar[entry_text]
        width = RECORD_LENGTH + len(line_end)
        at, end = match.span()
        if (
            value_date is None
            or entry_date is None
            or end - at != count * width
            or ((int(base) % 97 or 97) != int(check) if base else kind in _CHECKED_KINDS)
            or (int(f"{bban}1114{iban_check}") % 97 != 1 if bban else account and _is_wrong_iban(account))
        ):
            break
        if not records and not state.expects_movement():
            break
        text = match.string
        ordinal += 1
        records += count
        part1 = text[at : at + width]
        keep_text(part1)
        part2 = part3 = attached = ""
        if has_part2:
            at += width
            part2 = text[at : at + width]
            keep_text(part2)
        if has_part3:
            at += width
            part3 = text[at : at + width]
            keep_text(part3)
        parent = numbering.follow_movement(part1, ordinal)
        sequence, detail, attached_at = numbering.sequence, numbering.detail, 0
        if numbering.problem:
            report_number(state, part1, line)
        if information:
            at += width
            attached, attached_at = text[at:end], line + count - (end - at) // width
            keep_text(attached)
            _follow_information(numbering, attached, width)
        thousandths = -int(digits) if sign == "1" else int(digits)
        if parent is None:
            if detail:
                state.sums_are_known = False
            elif thousandths < 0:
                debit -= thousandths
            else:
                credit += thousandths
        else:
            state.has_details = True
        values = ordinal, sequence, detail, parent, thousandths, value_date, entry_date, line
        keep_movement(new(Movement, (*values, part1, part2, part3, attached_at, attached)))
    if records:
        state.ordinal = ordinal
        state.counted_records += records
        state.debit += debit
        state.credit += credit
        state.last_line = state.previous_line = lines.number - 1
        state.previous = (attached or part3 or part2 or part1)[-width:]


def _is_wrong_iban(field: str) -> bool:
    number = field.rstrip()
    return looks_like_iban(number) and not is_valid_iban(number)


def _follow_information(numbering: Numbering, attached: str, width: int) -> None:
    for start in range(0, len(attached), width):
        if attached[start + 1] == "1":
            numbering.follow_information(attached[start : start + width])
