"""Reading records 1 (old balance), 8 (new balance), 4 (free message) and 9 (trailer); Febelfin CODA 2.6."""

from apps.statements.coda.progress import StatementInProgress


def require_opening(state: StatementInProgress, line: int) -> None:
    """Report, once, that the old balance should have come before this record."""
    if not state.opening and not state.opening_is_missing:
        state.opening_is_missing = True
        state.report("missing_record_1", line, 1, "The old balance (record 1) is missing.")


def read_opening(state: StatementInProgress, record: str, line: int) -> None:
    """Take the old balance (record 1)."""
    state.counted_records += 1
    if state.opening:
        state.report("orphan_record", line, 1, "A second old balance in one statement.")
        return
    state.opening, state.opening_line = record, line


def read_closing(state: StatementInProgress, record: str, line: int) -> None:
    """Take the new balance (record 8)."""
    require_opening(state, line)
    state.finish_movement()
    state.check_announcements()
    state.counted_records += 1
    if state.closing:
        state.report("orphan_record", line, 1, "A second new balance in one statement.")
        return
    state.closing, state.closing_line = record, line
    state.previous, state.previous_line = record, line


def read_message(state: StatementInProgress, record: str, line: int) -> None:
    """Take a line of a free message (record 4): detail 0000 starts a message, the others continue it."""
    text = record[32:112].rstrip()
    if state.previous[0] in {"8", "4"} and state.previous[127] == "0":
        state.report("link_code", state.previous_line, 128, "The link code announces nothing, and a message follows.")
    if state.free_messages and record[6:10] != "0000":
        state.free_messages[-1] = f"{state.free_messages[-1]}\n{text}"
    else:
        state.free_messages.append(text)
    if state.closing:
        state.previous, state.previous_line = record, line


def read_trailer(state: StatementInProgress, record: str, line: int) -> None:
    """Take the trailer (record 9), which ends the statement."""
    require_opening(state, line)
    state.finish_movement()
    state.check_announcements()
    state.trailer, state.trailer_line = record, line


def read_unknown(state: StatementInProgress, record: str, line: int) -> None:
    """Report a line that is no record of a statement."""
    state.report("unknown_record", line, 1, f"There is no record that begins with {record[:2]!r}.")
