"""Oddities of a statement's written records: faults, each named after the finding that it causes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

Change = Callable[[list[str]], list[str]]


class NoSuchRecord(ValueError):
    """The statement has no record that the oddity could be made of."""


def _find(records: list[str], start: str, *, column: int = 0, holds: str = "") -> int:
    """Return the index of the last record that begins so and, at a column from 1, holds a text."""
    for index in range(len(records) - 1, -1, -1):
        if records[index].startswith(start) and records[index].startswith(holds, column - 1 if column else 0):
            return index
    raise NoSuchRecord(f"No record {start} with {holds!r}: ask for more movements.")


def _put(start: str, column: int, text: str, *, holds: str = "", at: int = 0) -> Change:
    """Return a change that writes a text at a column (from 1) of a record."""

    def change(records: list[str]) -> list[str]:
        index = _find(records, start, column=at, holds=holds)
        record = records[index]
        records[index] = f"{record[: column - 1]}{text}{record[column - 1 + len(text) :]}"
        return records

    return change


def _add_one(start: str, column: int, width: int) -> Change:
    """Return a change that makes a number one higher, or all nines one lower."""

    def change(records: list[str]) -> list[str]:
        index = _find(records, start)
        number = int(records[index][column - 1 : column - 1 + width])
        changed = number + 1 if number + 1 < 10**width else number - 1
        return _put(start, column, f"{changed:0{width}d}")(records)

    return change


def _drop(start: str) -> Change:
    """Return a change that takes a record out; the trailer's count follows."""

    def change(records: list[str]) -> list[str]:
        index = _find(records, start)
        return _count_again([*records[:index], *records[index + 1 :]])

    return change


def _count_again(records: list[str]) -> list[str]:
    if not records[-1].startswith("9"):
        return records
    count = sum(1 for record in records if record[0] in "1238")
    return _put("9", 17, f"{count:06d}")(records)


def _shift(step: int) -> Change:
    """Return a change that counts the last movement, all its records, so many further."""

    def change(records: list[str]) -> list[str]:
        last = records[_find(records, "21")][2:6]
        shifted = f"{(int(last) + step) % 10_000:04d}"
        return [_renumbered(record, last, shifted) for record in records]

    return change


def _renumbered(record: str, old: str, new: str) -> str:
    return f"{record[:2]}{new}{record[6:]}" if record[0] in "23" and record[2:6] == old else record


def _cut_short(records: list[str]) -> list[str]:
    index = _find(records, "21")
    records[index] = records[index][:100]
    return records


def _insert_unknown(records: list[str]) -> list[str]:
    records.insert(_find(records, "8"), f"7{'':127}")
    return records


def _change_next_code(records: list[str]) -> list[str]:
    return _put("21", 126, "0", holds="1", at=126)(records)


def _announce_part(records: list[str]) -> list[str]:
    return _put("23", 126, "1")(records)


def _orphan_information(records: list[str]) -> list[str]:
    first = _find(records, "31")
    return [
        _renumbered(record, record[2:6], "7777") if index >= first and record[0] == "3" else record
        for index, record in enumerate(records)
    ]


def _all_of(changes: Iterable[tuple[str, str, Change]]) -> Mapping[str, tuple[str, Change]]:
    return {code: (text, change) for code, text, change in changes}


HOLDING: Final = _all_of(
    [
        ("balance_mismatch", "a new balance that does not follow", _add_one("8", 43, 15)),
        ("record9_count", "a wrong count of records", _add_one("9", 17, 6)),
        ("record9_debit_total", "a wrong debit total", _add_one("9", 23, 15)),
        ("record9_credit_total", "a wrong credit total", _add_one("9", 38, 15)),
        ("missing_record_1", "no old balance", _drop("1")),
        ("missing_record_8", "no new balance", _drop("8")),
        ("missing_record_9", "no trailer", _drop("9")),
        ("sequence_gap", "a number left out", _shift(1)),
        ("sequence_repeat", "a number used twice", _shift(-1)),
        ("orphan_record", "a part of another movement", _put("22", 3, "7777")),
        ("part_missing", "a part announced and absent", _announce_part),
        ("unreadable_amount", "an amount that is no number", _put("21", 40, "X")),
        ("unreadable_sign", "a sign of 2", _put("21", 32, "2")),
        ("unreadable_date", "an entry date that is no date", _put("21", 116, "320126")),
        ("account_mismatch", "another account in the new balance", _put("8", 5, "BE69")),
        ("truncated_record", "a movement cut at 100 characters", _cut_short),
        ("unknown_record", "a record of type 7", _insert_unknown),
    ]
)
WARNING: Final = _all_of(
    [
        ("iban_check_digits", "a counterparty's IBAN with wrong check digits", _put("23", 13, "00", holds="BE", at=11)),
        (
            "communication_check_digits",
            "a reference with wrong check digits",
            _put("21", 76, "99", holds="1101", at=62),
        ),
        ("enterprise_number_check_digits", "a holder's number with wrong check digits", _put("0", 72, "00123456748")),
        ("link_code", "a part that is not announced", _change_next_code),
        ("orphan_information", "information about another movement", _orphan_information),
    ]
)
QUARANTINING: Final = _all_of(
    [
        ("missing_record_0", "no header", _drop("0")),
        ("version_unsupported", "version 5", _put("0", 128, "5")),
        ("not_coda", "something else than CODA", lambda records: ["<html>", *records]),
    ]
)
