"""Reading records 2.1 to 2.3 (movement) and 3.1 to 3.3 (information); Febelfin CODA 2.6."""

from typing import Final

from apps.core.identifiers import is_valid_iban, looks_like_iban
from apps.statements.coda.balance_records import require_opening
from apps.statements.coda.fields import UNKNOWN_DATE
from apps.statements.coda.progress import StatementInProgress
from apps.statements.coda.structured_payloads import TYPES_WITH_CHECK_DIGITS, find_reference

_SEQUENCE_MESSAGES: Final = {
    "sequence_gap": "Movements are missing before this one: its number does not follow.",
    "sequence_repeat": "This movement number, or a later one, was there already.",
}


def read_part1(state: StatementInProgress, record: str, line: int) -> None:
    """Start a movement (record 2.1)."""
    state.finish_movement()
    if state.previous[125] == "1" or state.previous[127] == "1":
        state.check_announcements()
    if not state.opening:
        require_opening(state, line)
    if state.closing:
        state.report("orphan_record", line, 1, "A movement after the new balance.")
    state.counted_records += 1
    state.ordinal += 1
    state.part1, state.part1_line = record, line
    state.previous, state.previous_line = record, line
    _place(state, record, line)
    _read_amount(state, record, line)
    _read_dates(state, record, line)
    if record[61] == "1" and record[62:65] in TYPES_WITH_CHECK_DIGITS:
        _check_reference(state, record, line)


def _place(state: StatementInProgress, record: str, line: int) -> None:
    numbering = state.numbering
    state.parent = numbering.follow_movement(record, state.ordinal)
    state.sequence, state.detail = numbering.sequence, numbering.detail
    if numbering.problem:
        report_number(state, record, line)


def report_number(state: StatementInProgress, record: str, line: int) -> None:
    """Report that the number of a movement does not follow."""
    problem = state.numbering.problem
    column = 3 if record[6:10] == "0000" else 7
    state.report(problem, line, column, _SEQUENCE_MESSAGES[problem])


def _read_amount(state: StatementInProgress, record: str, line: int) -> None:
    state.thousandths = thousandths = state.read_signed(record, line, 32, "amount")
    if state.parent is not None:
        state.has_details = True
        return
    if thousandths is None or state.detail:
        # A detail without its total, as in a separate application, leaves the sums of the statement unknown.
        state.sums_are_known = False
    elif thousandths < 0:
        state.debit -= thousandths
    else:
        state.credit += thousandths


def _read_dates(state: StatementInProgress, record: str, line: int) -> None:
    state.value_date = state.calendar[record[47:53]]
    if state.value_date is None:
        state.report("value_date_unknown", line, 48, "The value date is not given, or is no date.")
    state.entry_date = state.calendar[record[115:121]]
    if state.entry_date is None:
        problem = "is not given" if record[115:121] == UNKNOWN_DATE else "is no date"
        state.report("unreadable_date", line, 116, f"The entry date {problem}.")


def _check_reference(state: StatementInProgress, record: str, line: int) -> None:
    # These references fit in the first part, so nothing has to wait for the others.
    if find_reference(record[62:65], record[65:115]) is None:
        state.report("communication_check_digits", line, 66, "The structured communication has wrong check digits.")


def read_part2(state: StatementInProgress, record: str, line: int) -> None:
    """Continue a movement (record 2.2)."""
    state.counted_records += 1
    previous = state.previous
    if previous[:2] != "21" or record[2:10] != previous[2:10]:
        _report_orphan(state, line)
        return
    if previous[125] != "1":
        _report_unannounced_part(state)
    state.part2 = record
    state.previous, state.previous_line = record, line


def read_part3(state: StatementInProgress, record: str, line: int) -> None:
    """Continue a movement (record 2.3), which may follow 2.1 without a 2.2."""
    state.counted_records += 1
    previous = state.previous
    if previous[:2] not in {"21", "22"} or record[2:10] != previous[2:10]:
        _report_orphan(state, line)
        return
    if previous[125] != "1":
        _report_unannounced_part(state)
    state.part3 = record
    state.previous, state.previous_line = record, line
    account = record[10:44].rstrip()
    if account and not is_valid_iban(account) and looks_like_iban(account):
        state.report("iban_check_digits", line, 11, "The other party's IBAN has wrong check digits.")


def _report_orphan(state: StatementInProgress, line: int) -> None:
    state.report("orphan_record", line, 3, "This part belongs to another movement than the one before it.")


def _report_unannounced_part(state: StatementInProgress) -> None:
    state.report("link_code", state.previous_line, 126, "The next code announces nothing, and a part follows.")


def read_information1(state: StatementInProgress, record: str, line: int) -> None:
    """Start an information record (3.1); its detail number continues the count of its movement."""
    if state.information1:
        state.finish_information()
    state.counted_records += 1
    previous = state.previous
    state.information_is_attached = state.part1[2:6] == record[2:6]
    if previous[125] == "1":
        state.report("part_missing", state.previous_line, 126, "The next part of this record is announced, and absent.")
    if not state.information_is_attached:
        state.report("orphan_information", line, 3, "This information belongs to another movement.")
    else:
        state.numbering.follow_information(record)
        if previous[127] != "1":
            state.report("link_code", state.previous_line, 128, "The link code announces nothing, and a 3.1 follows.")
    state.information1, state.information2, state.information3 = record, "", ""
    state.information_line = line
    state.previous, state.previous_line = record, line


def read_information2(state: StatementInProgress, record: str, line: int) -> None:
    """Continue an information record (3.2)."""
    if _continues_information(state, record, line, after={"31"}):
        state.information2 = record
        state.previous, state.previous_line = record, line


def read_information3(state: StatementInProgress, record: str, line: int) -> None:
    """Continue an information record (3.3)."""
    if _continues_information(state, record, line, after={"31", "32"}):
        state.information3 = record
        state.previous, state.previous_line = record, line


def _continues_information(state: StatementInProgress, record: str, line: int, after: set[str]) -> bool:
    state.counted_records += 1
    previous = state.previous
    if previous[:2] in after and record[2:10] == previous[2:10]:
        if previous[125] != "1":
            _report_unannounced_part(state)
        return True
    state.report("orphan_information", line, 3, "This information continues none that came before it.")
    return False
