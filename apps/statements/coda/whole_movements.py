"""The short way for a movement whose records are all as they should be.

Nearly every movement is. One pattern then says so for all of its records at once, where the long way
(`movement_records`) looks at each record and knows what to report. Both give the same movement; whatever this
one does not recognise is left, untouched, to the long way.
"""

import re
from datetime import date
from typing import Final

from apps.core.identifiers import is_valid_iban, looks_like_iban
from apps.statements.coda.movement_records import add_money, place
from apps.statements.coda.movements import Movement
from apps.statements.coda.physical_lines import RECORD_LENGTH
from apps.statements.coda.progress import StatementInProgress
from apps.statements.coda.structured_payloads import TYPES_WITH_CHECK_DIGITS

# Records 2.1 to 2.3 and 3.1 to 3.3 of one movement: their numbers agree, and each next and link code says what
# comes. A dot takes any character, a line end too: that each part is one line is counted afterwards. References of
# types 101 and 102 and Belgian IBANs come out as digits, ready for their check.
_WHOLE: Final = re.compile(
    r"21(?P<number>(?P<sequence>[0-9]{4})[0-9]{4}).{21}([01])([0-9]{15})([0-9]{6}).{8}"
    r"(?:110[12]([0-9]{10})([0-9]{2}).{38}|(.{4}).{50})([0-9]{6}).{4}"
    r"(?:1..\r?\n(22)(?P=number).{115})?"
    r"(?:1..\r?\n23(?P=number)(?:BE([0-9]{2})([0-9]{12}) {18}|(.{34})).{81})?"
    r"0.(?:1\r?\n31(?P<information>(?P=sequence)[0-9]{4}).{115}"
    r"(?:1..\r?\n32(?P=information).{115})?"
    r"(?:1..\r?\n33(?P=information).{115})?"
    r"0.)*0(\r?\n)",
    re.DOTALL,
)
_WANTED: Final = (3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15)
_CHECKED_KINDS: Final = frozenset(f"1{kind}" for kind in TYPES_WITH_CHECK_DIGITS)


def read_whole_movement(state: StatementInProgress, lines: list[str], line: int) -> bool:
    """Take all records of a movement, the first of which stands at `line`; say whether they were taken."""
    text = "".join(lines)
    match = _WHOLE.fullmatch(text)
    if match is None or not state.expects_movement():
        return False
    sign, digits, value_text, base, check, kind, entry_text, iban_check, bban, account, end = match.group(*_WANTED)
    value_date, entry_date = state.calendar[value_text], state.calendar[entry_text]
    if value_date is None or entry_date is None or len(text) != len(lines) * (RECORD_LENGTH + len(end)):
        return False
    if (int(base) % 97 or 97) != int(check) if base else kind in _CHECKED_KINDS:
        return False
    if bban:
        if int(f"{bban}1114{iban_check}") % 97 != 1:
            return False
    elif account and looks_like_iban(number := account.rstrip()) and not is_valid_iban(number):
        return False
    thousandths = -int(digits) if sign == "1" else int(digits)
    _append(state, lines, line, (thousandths, value_date, entry_date, line), match[10], bban or account)
    return True


def _append(
    state: StatementInProgress,
    lines: list[str],
    line: int,
    values: tuple[int, date, date, int],
    has_part2: str | None,
    has_part3: str | None,
) -> None:
    state.ordinal += 1
    count = len(lines)
    state.counted_records += count
    parent = place(state, lines[0], line)
    add_money(state, values[0], parent)
    numbering = state.numbering
    numbers = (state.ordinal, numbering.sequence, numbering.detail, parent)
    rest = 1
    part2 = part3 = ""
    if has_part2:
        part2, rest = lines[1], 2
    if has_part3:
        part3, rest = lines[rest], rest + 1
    attached: tuple[int | str, ...] = ()
    if rest < count:
        attached = (line + rest, *lines[rest:])
        for record in lines[rest:]:
            if record[1] == "1":
                numbering.follow_information(record)
    state.movements.append(Movement._make((*numbers, *values, lines[0], part2, part3, attached)))
    state.last_line = state.previous_line = line + count - 1
    state.previous = lines[-1]
