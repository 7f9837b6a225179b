"""What a statement must satisfy as a whole, checked when its last record is there (Febelfin CODA 2.6)."""

from datetime import date
from typing import Final

from apps.statements.coda.balance_records import require_opening
from apps.statements.coda.fields import parse_digits, to_decimal
from apps.statements.coda.progress import StatementInProgress

_LARGEST_COUNT: Final = 999_999
_PARTS_OF_A_TOTAL: Final = frozenset("567")


def check_presence(state: StatementInProgress) -> None:
    """Report the records that are missing; a statement without movements needs no record 8."""
    if not state.trailer:
        state.finish_movement()
        require_opening(state, state.last_line)
        state.check_announcements()
        state.report("missing_record_9", state.last_line, 1, "The statement stops before its trailer (record 9).")
    if not state.closing and state.ordinal:
        line = state.trailer_line or state.last_line
        state.report("missing_record_8", line, 1, "The new balance (record 8) is missing.")


def check_days(state: StatementInProgress, old: date | None, new: date | None) -> None:
    """Warn of a new balance that is of an earlier day than the old one.

    The old day of a separate application is when its former file was made, which tells nothing.
    """
    if state.closing and old and new and new < old and not state.header.is_separate_application:
        message = f"The new balance is of {new}, which is before the old one, of {old}."
        state.report("balance_chain", state.closing_line, 58, message)


def check_whole(state: StatementInProgress, old: int | None, new: int | None) -> None:
    """Check account, balances (in thousandths) and trailer; put the findings in line order."""
    _check_accounts(state)
    _check_balance(state, old, new)
    _check_trailer(state)
    _check_details(state)
    state.findings.sort(key=lambda finding: (finding.line, finding.column))


def _check_accounts(state: StatementInProgress) -> None:
    """Report a new balance that is of another account than the old one."""
    if not (state.opening and state.closing):
        return
    old, new = state.opening[5:42], state.closing[4:41]
    if old != new and "".join(old.split()) != "".join(new.split()):
        state.report(
            "account_mismatch",
            state.closing_line,
            5,
            "The new balance is of another account than the old one.",
        )


def _check_balance(state: StatementInProgress, old: int | None, new: int | None) -> None:
    """Report a new balance that is not the old one plus the booked movements.

    A separate application gives some movements only, and zeros for both balances.
    """
    if not state.closing or old is None or new is None or not state.sums_are_known:
        return
    if state.header.is_separate_application and old == 0 and new == 0:
        return
    expected = old + state.credit - state.debit
    if expected != new:
        message = f"The movements lead to {to_decimal(expected)}, the new balance says {to_decimal(new)}."
        state.report("balance_mismatch", state.closing_line, 43, message)


def _check_details(state: StatementInProgress) -> None:
    """Report a total whose details make another amount: they are the money where there are some.

    Types 8 and 9 are shares of one amount (gross, costs, VAT), which count for nothing.
    """
    if not state.has_details or len(state.movements) != state.ordinal:
        return
    sums: dict[int, int] = {}
    for movement in state.movements:
        if movement.parent is not None and movement.type in _PARTS_OF_A_TOTAL:
            sums[movement.parent] = sums.get(movement.parent, 0) + movement.thousandths
    for ordinal, thousandths in sums.items():
        total = state.movements[ordinal - 1]
        if total.thousandths != thousandths:
            message = f"The details make {to_decimal(thousandths)}, their total says {total.amount}."
            state.report("balance_mismatch", total.line, 33, message)


def _check_trailer(state: StatementInProgress) -> None:
    """Report a count or a total of record 9 that differs from what the statement holds."""
    if not state.trailer:
        return
    count = parse_digits(state.trailer[16:22])
    counted = min(state.counted_records, _LARGEST_COUNT)
    if count != counted:
        message = f"The trailer counts {state.trailer[16:22]} records, the statement has {state.counted_records}."
        state.report("record9_count", state.trailer_line, 17, message)
    _check_total(state, column=23, counted=state.debit, code="record9_debit_total")
    _check_total(state, column=38, counted=state.credit, code="record9_credit_total")


def _check_total(state: StatementInProgress, column: int, counted: int, code: str) -> None:
    total = parse_digits(state.trailer[column - 1 : column + 14])
    if total is None:
        state.report("unreadable_amount", state.trailer_line, column, "A total of the trailer is not a number.")
    elif state.sums_are_known and total != counted:
        message = f"The trailer says {to_decimal(total)}, the movements make {to_decimal(counted)}."
        state.report(code, state.trailer_line, column, message)
