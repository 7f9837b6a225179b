"""What a transaction code means, in the four languages: family, operation and category (Febelfin CODA, annex II).

The words are in `transaction_codes.csv`, one row a code: two digits are a family, four a family with its operation,
three a category; `..` stands for any family. They are data of the format, as an IBAN's country is, and so they do
not stand in the catalogues of the application.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

LANGUAGES: Final = ("nl", "fr", "en", "de")
_TABLE: Final = Path(__file__).with_name("transaction_codes.csv")
# Each bank gives its own meaning to the operations of these ranges.
_OWN_DEBITS: Final = range(40, 49)
_OWN_CREDITS: Final = range(90, 99)
_NET_AMOUNT: Final = "000"


class Meaning(NamedTuple):
    """The words for the three parts of a code; empty where the standard has none."""

    family: str
    operation: str
    category: str


def meaning_of(transaction_code: str, language: str) -> Meaning:
    """Return the words for eight characters (type, family, operation, category).

    Raises `KeyError` for a language that is not one of `LANGUAGES`.
    """
    words = _words()[language]
    family, operation, category = transaction_code[1:3], transaction_code[3:5], transaction_code[5:8]
    return Meaning(words.get(family, ""), _operation(words, family, operation), words.get(category, ""))


def describe(transaction_code: str, language: str) -> str:
    """Return the words for a code as one text; a category only where it is not that of a net amount.

    Raises `KeyError` for a language that is not one of `LANGUAGES`.
    """
    meaning = meaning_of(transaction_code, language)
    category = meaning.category if transaction_code[5:8] != _NET_AMOUNT else ""
    # A transfer is called so twice, as a family and as its plainest operation.
    return " – ".join(dict.fromkeys(part for part in (meaning.family, meaning.operation, category) if part))


def _operation(words: Mapping[str, str], family: str, operation: str) -> str:
    if family not in words:
        return ""
    # Family 80 has meanings of its own where others leave the range to the bank.
    for code in (f"{family}{operation}", f"..{operation}"):
        if code in words:
            return words[code]
    number = int(operation) if operation.isdecimal() else 0
    own = next((codes for codes in (_OWN_DEBITS, _OWN_CREDITS) if number in codes), None)
    return words[f"..{own.start}"] if own else ""


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {language: {row["code"]: row[language] for row in rows} for language in LANGUAGES}
