"""Every oddity that a made file can have on request: what it is, and what a reader must say of it.

Four kinds, by what they change: the draft of a statement, its written records, the drafts of a whole series, or the
form of the file (encoding, line ends). Faults are named after the finding that they cause.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from apps.statements.coda.drafts import StatementDraft
from apps.statements.coda.generator import draft_oddities, record_oddities, series_oddities

ChangeDraft = Callable[[StatementDraft], StatementDraft]
ChangeRecords = Callable[[list[str]], list[str]]
ChangeSeries = Callable[[Sequence[StatementDraft], int], Sequence[StatementDraft]]


@dataclass(frozen=True, slots=True)
class Form:
    """How a file's text becomes bytes; the line ends are used in turn."""

    encoding: str = "cp1252"
    line_ends: tuple[str, ...] = ("\r\n",)
    ending: str = "\r\n"
    trims: bool = False
    has_blank_lines: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """`state` is the state of its statement, or `quarantined` for the file; `finding` a code, or empty.

    `needs` is how many statements it needs, and `is_between` says that its finding lies between statements.
    """

    help: str
    state: str = "imported"
    finding: str = ""
    needs: int = 1
    is_between: bool = False
    draft: ChangeDraft | None = None
    records: ChangeRecords | None = None
    series: ChangeSeries | None = None
    form: Mapping[str, object] = field(default_factory=dict)


def _odd(text: str, change: ChangeDraft, finding: str = "") -> Oddity:
    return Oddity(help=text, draft=change, finding=finding)


def _fault(finding: str, text: str, change: ChangeRecords, state: str = "held") -> tuple[str, Oddity]:
    return finding, Oddity(help=text, records=change, finding=finding, state=state)


def _formed(text: str, finding: str = "", draft: ChangeDraft | None = None, **form: object) -> Oddity:
    return Oddity(help=text, finding=finding, draft=draft, form=form)


ODDITIES: Final[Mapping[str, Oddity]] = {
    # Valid, and seldom seen.
    "empty": _odd("no movement: records 0, 1 and 9", draft_oddities.empty),
    "empty_with_message": _odd("no movement, a free message: 0, 1, 8, 4, 9", draft_oddities.empty_with_message),
    "free_messages": _odd("free messages of the bank (record 4)", draft_oddities.free_messages),
    "globalised": _odd("a total with details, each with its information", draft_oddities.globalised),
    "globalised_two_levels": _odd("details of details (types 2, 7 and 9)", draft_oddities.globalised_two_levels),
    "batch": _odd("a total without its details", draft_oddities.batch),
    "roll_over": _odd("over 10,000 movements: 9999, 0000, 0001", draft_oddities.roll_over),
    "every_communication": _odd("a movement of each structured type", draft_oddities.every_communication),
    "every_information": _odd("an information record of each structured type", draft_oddities.every_information),
    "long_texts": _odd("all 149 and 268 characters of free text", draft_oddities.long_texts),
    "creditor_reference": _odd("an RF reference (ISO 11649)", draft_oddities.creditor_reference),
    "returned_payment": _odd("a payment returned with its reason", draft_oddities.returned_payment),
    "overdrawn": _odd("balances below zero", draft_oddities.overdrawn),
    "third_decimal": _odd("amounts in thousandths", draft_oddities.third_decimal),
    "currency": _odd("an account in US dollars", draft_oddities.currency),
    "account_structure_0": _odd("an old Belgian account number", draft_oddities.account_structure_0),
    "account_structure_1": _odd("a foreign account number", draft_oddities.account_structure_1),
    "account_structure_3": _odd("a foreign IBAN", draft_oddities.account_structure_3),
    "no_number": _odd("no CODA number (000)", draft_oddities.no_number),
    "paper_number": _odd("the day of the year as paper number", draft_oddities.paper_number),
    "separate_application": _odd("part of the movements, balances zero", draft_oddities.separate_application),
    "duplicate_flag": _odd("marked D: the bank sends it again", draft_oddities.duplicate_flag),
    "version_1": _odd("the layout of CODA 1", draft_oddities.version_1),
    "value_date_unknown": _odd("a value date of zeros", draft_oddities.value_date_unknown, "value_date_unknown"),
    # The form of the file.
    "line_feed": _formed("LF for line ends", line_ends=("\n",), ending="\n"),
    "carriage_return": _formed("CR for line ends", line_ends=("\r",), ending="\r"),
    "mixed_line_ends": _formed("CRLF, LF and CR in turn", line_ends=("\r\n", "\n", "\r")),
    "no_final_line_end": _formed("nothing after the last record", ending=""),
    "ctrl_z": _formed("an end-of-file mark", ending="\r\n\x1a"),
    "blank_lines": _formed("blank lines within", has_blank_lines=True),
    "trimmed": _formed("blanks at the ends of lines gone", trims=True),
    "accents": _formed("accents in Windows-1252", draft=draft_oddities.accents),
    "byte_order_mark": _formed("UTF-8 with its mark", draft=draft_oddities.accents, encoding="utf-8-sig"),
    "utf_8": _formed("UTF-8 without a mark", "encoding_guessed", draft_oddities.accents, encoding="utf-8"),
    "code_page_850": _formed("code page 850", "encoding_guessed", draft_oddities.accents, encoding="cp850"),
    # What a statement contradicts itself in: held.
    **dict(_fault(code, text, change) for code, (text, change) in record_oddities.HOLDING.items()),
    # What only warns.
    **dict(_fault(code, text, change, state="imported") for code, (text, change) in record_oddities.WARNING.items()),
    # What makes the file unreadable.
    **dict(
        _fault(code, text, change, state="quarantined") for code, (text, change) in record_oddities.QUARANTINING.items()
    ),
    # Between statements.
    **{
        code: Oddity(help=text, series=change, finding=finding, needs=needs, is_between=True)
        for code, (text, change, finding, needs) in series_oddities.BETWEEN.items()
    },
}


def change_form(form: Form, oddity: Oddity) -> Form:
    """Return the form with what an oddity changes."""
    return replace(form, **oddity.form) if oddity.form else form  # type: ignore[arg-type]
