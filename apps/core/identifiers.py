"""Belgian enterprise numbers and bank account numbers: one written form each, with check digits verified.

Pure functions of text. `is_valid_iban` and `is_valid_enterprise_number` are plain arithmetic, because they run for
each movement and each statement of a bank's files.
"""

import re
from typing import Final

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from stdnum.be import vat as belgian_vat

_SEPARATORS: Final = re.compile(r"[\s.\-/\u2010-\u2015]+")
_ENTERPRISE_NUMBER: Final = re.compile(r"(?:0208:|9925:)?(?:VAT|TVA|BTW)?(?:BE)?([0-9]{9,10})", re.IGNORECASE)
_IBAN_SHAPE: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_LETTER_VALUES: Final = {ord("A") + index: str(10 + index) for index in range(26)}
_ENTERPRISE_NUMBER_LENGTH: Final = 10
_BELGIAN_IBAN_LENGTH: Final = 16
_BELGIAN_BBAN_LENGTH: Final = 12


class InvalidEnterpriseNumber(ValueError):
    """A text that cannot be a Belgian enterprise number."""

    code: Final = "vat_invalid"


class InvalidIban(ValueError):
    """A text that cannot be an IBAN, or a Belgian account number without a valid one."""

    code: Final = "iban_invalid"


def normalise_enterprise_number(text: str) -> str:
    """Turn any usual notation into the ten digits of a Belgian enterprise number (KBO/BCE).

    Accepts dots, blanks, dashes, `BE`, `VAT`/`BTW`/`TVA`, Peppol's `0208:` and `9925:`, and the nine digits
    used before 2005. The last two digits are 97 minus the first eight modulo 97, the first digit is 0 or 1.

    Raises `InvalidEnterpriseNumber`.
    """
    match = _ENTERPRISE_NUMBER.fullmatch(_SEPARATORS.sub("", text))
    digits = match[1].zfill(10) if match else ""
    if not digits.startswith(("0", "1")) or not belgian_vat.is_valid(digits):
        raise InvalidEnterpriseNumber(f"Not a Belgian enterprise number: {text[:40]!r}.")
    return digits


def is_valid_enterprise_number(number: str) -> bool:
    """Check ten digits: the first is 0 or 1, the last two are 97 minus the first eight modulo 97."""
    return (
        len(number) == _ENTERPRISE_NUMBER_LENGTH
        and number.isascii()
        and number.isdecimal()
        and number[0] in "01"
        and 97 - int(number[:8]) % 97 == int(number[8:])
    )


def format_enterprise_number(number: str) -> str:
    """Write the ten digits as people read them: `0123.456.749`."""
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


def normalise_iban(text: str) -> str:
    """Turn a written IBAN into capitals without blanks, after checking country, length, structure and check
    digits.

    Raises `InvalidIban`.
    """
    try:
        return str(IBAN(_SEPARATORS.sub("", text).upper(), validate_bban=True))
    except (SchwiftyException, ValueError) as error:
        raise InvalidIban(f"Not an IBAN: {text[:50]!r}.") from error


def belgian_bban_to_iban(bban: str) -> str:
    """Turn the twelve digits of an old Belgian account number into its IBAN.

    The last two digits are the first ten modulo 97, with 0 written as 97. Raises `InvalidIban` when they are
    not.
    """
    digits = _SEPARATORS.sub("", bban)
    if len(digits) != _BELGIAN_BBAN_LENGTH or not (digits.isascii() and digits.isdecimal()):
        raise InvalidIban(f"A Belgian account number has twelve digits: {bban[:40]!r}.")
    if (int(digits[:10]) % 97 or 97) != int(digits[10:]):
        raise InvalidIban(f"Wrong check digits in the Belgian account number {bban!r}.")
    check_digits = 98 - int(f"{digits}111400") % 97
    return f"BE{check_digits:02d}{digits}"


def bic_of(iban: str) -> str | None:
    """Return the BIC of the bank that holds a valid IBAN, where the bank registry knows it."""
    try:
        bic = IBAN(iban).bic
    except (SchwiftyException, ValueError):
        return None
    return str(bic) if bic else None


def looks_like_iban(text: str) -> bool:
    """Say whether a text without blanks has the shape of an IBAN, right or wrong check digits."""
    return _IBAN_SHAPE.fullmatch(text) is not None


def is_valid_iban(text: str) -> bool:
    """Check the modulo 97 of an IBAN in capitals without blanks (ISO 13616), and a Belgian one's length."""
    account = text[4:]
    if text[:2] == "BE":
        if len(text) != _BELGIAN_IBAN_LENGTH or not (text.isascii() and account.isdecimal() and text[2:4].isdecimal()):
            return False
        return int(f"{account}1114{text[2:4]}") % 97 == 1
    if not looks_like_iban(text):
        return False
    return int((account + text[:4]).translate(_LETTER_VALUES)) % 97 == 1
