"""Which bank an account is at.

Source: the National Bank of Belgium's list of bank identification codes (the first three digits of a Belgian account
number), as the bank registry of schwifty 2026.10 has it; names as the banks call themselves. Here are the banks that
keep accounts of companies; for any other the code itself is the name.
"""

from dataclasses import dataclass
from typing import Final

_BELGIAN: Final = "BE"


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank: a key that its accounts share, and how people call it."""

    key: str
    name: str


# First four letters of the BIC, name, ranges of codes.
_TABLE: Final = (
    ("GEBA", "BNP Paribas Fortis", "000-049 137 140-149 200-214 220-299 679"),
    ("GKCC", "Belfius", "050-099 550-560 562-569 624-625 638 657 672 680 682-683 775-799 830-839"),
    (
        "BBRU",
        "ING",
        "185 300-399 630-631 652 673 828 880-881 883-884 887-888 910 920 922-923 929-931 934 936 939 961 971 976",
    ),
    ("KRED", "KBC", "400-499 640 725-727 730-731 733-741 743-749 868"),
    ("CREG", "CBC", "190-199 728-729 732 742"),
    ("NICA", "Crelan", "103-108 850-853 859-860 862-863 865-866"),
    ("AXAB", "Crelan", "700-709 750-765 772-774 800-806 963 975"),
    ("CTBK", "Beobank", "109-110 113-114 119-124 127 129 131 133-134 595-601 950-959"),
    ("ARSP", "Argenta", "973 978-980"),
    ("VDSP", "vdk bank", "890-899"),
    ("BNAG", "Nagelmackers", "132 634-636 646-647 871 877-879"),
    ("JVBA", "Bank J. Van Breda & C°", "645"),
    ("ABER", "Bank J. Van Breda & C°", "111"),
    ("CPHB", "Banque CPH", "125-126 171"),
    ("TRIO", "Triodos", "523"),
    ("DEUT", "Deutsche Bank", "610-613 694 825-826"),
    ("ABNA", "ABN AMRO", "509 513 674 719 722 960"),
    ("KEYT", "Keytrade Bank", "651"),
    ("EURB", "Europabank", "671"),
    ("CEKV", "CKV", "906 908"),
    ("BUNQ", "bunq", "167"),
    ("REVO", "Revolut", "650"),
    ("TRWI", "Wise", "903-905 967"),
)
# Banks that are one by now: the accounts of the absorbed one are its.
_ONE_BANK: Final = {"AXAB": "NICA", "ABER": "JVBA"}


def _codes() -> dict[str, Bank]:
    found: dict[str, Bank] = {}
    for bic, name, ranges in _TABLE:
        bank = Bank(_ONE_BANK.get(bic, bic), name)
        for part in ranges.split():
            first, _, last = part.partition("-")
            found |= {f"{code:03d}": bank for code in range(int(first), int(last or first) + 1)}
    return found


_BY_CODE: Final = _codes()
_BY_BIC: Final = {bic: Bank(_ONE_BANK.get(bic, bic), name) for bic, name, _ranges in _TABLE}


def bank_of(iban: str, bic: str = "") -> Bank:
    """Return the bank of an account, by the code in a Belgian IBAN, else by its BIC; an unknown one by its code."""
    code = iban[4:7] if iban.startswith(_BELGIAN) else ""
    known = _BY_CODE.get(code) or _BY_BIC.get(bic[:4].upper())
    if known:
        return known
    text = code or bic[:4].upper() or iban[:2]
    return Bank(text, text)


def bank_named(key: str) -> Bank:
    """Return the bank with this key, as `bank_of` gave it."""
    return _BY_BIC.get(key, Bank(key, key))
