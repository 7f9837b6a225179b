"""CODA 1, which banks stopped issuing: its records, moved to the columns of version 2 and back.

Only what two sources agree on is read; the address in record 2.3 is left out.
"""

from apps.statements.coda.physical_lines import RECORD_LENGTH


def as_version_2(record: str) -> str:
    """Rewrite one record of version 1 into the layout of version 2."""
    kind = record[:2]
    if record[0] == "1":
        moved = f"10{record[2:5]}{_account(record[5:24])}{record[42:]}"
    elif record[0] == "8":
        moved = f"{record[:4]}{_account(record[4:23])}{record[41:]}"
    elif kind == "22":
        moved = record[:92].ljust(125) + record[125:]
    elif kind == "23":
        moved = f"{record[:10]}{record[10:22].ljust(37)}{record[47:73]}".ljust(125) + record[125:]
    else:
        moved = record
    return moved.ljust(RECORD_LENGTH)


def _account(field: str) -> str:
    """Twelve digits, a blank, the currency, a zero and the country: where version 2 has them, 37 wide."""
    return field.ljust(37)


def as_version_1(record: str) -> str:
    """Rewrite one record of version 2, of an old Belgian account, into the layout of version 1.

    The counterparty's account must be an old number or its IBAN. What version 1 has no room for is left out: BIC,
    purposes, the third part of a communication, all after the 26th character of a name.
    """
    kind = record[:2]
    if record[0] == "0":
        return f"{record[:19]}00000{record[24:60]}{'':0>11}{record[71:]}"
    if record[0] == "1":
        return f"1 {record[2:5]}{record[5:]}"
    if kind == "21":
        return f"{record[:126]}0{record[127]}"
    if kind == "22":
        return f"{record[:92]}{'':0>15}{'':18}{record[125:126]}0{record[127]}"
    if kind == "23":
        account = record[10:44].strip()
        return f"{record[:10]}{account[-12:]:37}{record[47:73]}{'':52}{record[125:126]}0{record[127]}"
    return f"{record[:127]} " if record[0] == "8" else record
