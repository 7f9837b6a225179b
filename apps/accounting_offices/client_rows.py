"""One line of a list of clients: read into values, or into problems with stable codes."""

import re
import unicodedata
from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from apps.accounting_offices.client_files import Row
from apps.companies.rules import LANGUAGES
from apps.core.identifiers import InvalidEnterpriseNumber, normalise_enterprise_number

# Written without accents, blanks and signs, as `_plain` leaves them.
HEADERS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(words.split())
    for name, words in {
        "number": (
            "number ondernemingsnummer kbonummer kbo btwnummer btw numerodentreprise numerobce bce "
            "numerodetva tva ntva enterprisenumber companynumber vatnumber vat unternehmensnummer zdunummer "
            "ustidnr mwstnummer ustid"
        ),
        "name": (
            "naam bedrijfsnaam firmanaam klantnaam nom raisonsociale denomination nomduclient name "
            "companyname clientname firmenname firma bezeichnung kundenname"
        ),
        "email": "email emailadres mail mailadres courriel adresseemail adressemail emailaddress emailadresse",
        "language": "taal taalcode langue codelangue language languagecode sprache sprachcode",
        "client_code": (
            "klantcode klantnummer dossiernummer dossier codeclient numeroclient numerodedossier clientcode "
            "clientnumber kundencode kundennummer mandantennummer"
        ),
        "starts_on": (
            "vanaf startdatum begindatum klantsinds depuis apartirdu datededebut datedebut from fromdate "
            "startdate startson clientsince ab abdatum beginn seit"
        ),
    }.items()
}
# The headers of the list that we offer to fill in, in the order of the fields.
TEMPLATE_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "nl": ("Ondernemingsnummer", "Naam", "E-mailadres", "Taal", "Klantcode", "Startdatum"),
    "fr": ("Numéro d’entreprise", "Nom", "Adresse e-mail", "Langue", "Code client", "Date de début"),
    "en": ("Enterprise number", "Name", "E-mail address", "Language", "Client code", "Start date"),
    "de": ("Unternehmensnummer", "Name", "E-Mail-Adresse", "Sprache", "Kundencode", "Beginn"),
}
NEEDED: Final = frozenset({"number", "name"})
LANGUAGE_NAMES: Final[dict[str, str]] = {
    **{code: code for code in LANGUAGES},
    **dict.fromkeys(("nederlands", "neerlandais", "dutch", "niederlandisch", "n"), "nl"),
    **dict.fromkeys(("frans", "francais", "french", "franzosisch", "f"), "fr"),
    **dict.fromkeys(("engels", "anglais", "english", "englisch", "e"), "en"),
    **dict.fromkeys(("duits", "allemand", "german", "deutsch", "d"), "de"),
}
DATE_FORMATS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
MAX_EMAIL: Final = 254
MAX_NAME: Final = 200
MAX_CODE: Final = 40
_EMAIL: Final = re.compile(
    r"[^@\s,;<>\"()]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE
)


# Which column holds a field: its header, its place in the file, or nothing when the field is left out.
Mapping = abc.Mapping[str, str | int | None]


class ColumnMissing(ValueError):
    """The first row does not name a column that is needed, or one that was asked for; `detail` lists what it names."""

    code: Final = "column_missing"

    def __init__(self, column: str, headers: Sequence[str]) -> None:
        super().__init__(column)
        self.column, self.found = column, ", ".join(header for header in headers if header)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client as its line says; an empty text says nothing."""

    number: str
    name: str
    email: str = ""
    language: str = ""
    client_code: str = ""
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its place, its header, the first value in it, and which of our fields it seems to be."""

    index: int
    header: str
    example: str
    guess: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: a client, or why it is none."""

    line: int
    row: ClientRow | None
    problems: tuple[Problem, ...] = ()


def read_lines(table: Sequence[Row], mapping: Mapping) -> list[Line]:
    """Read every line below the headers; the second line of one number in a file is a problem.

    :raises ColumnMissing: when number or name has no column.
    """
    columns = find_columns(table[0][1], mapping)
    lines, seen = [], dict[str, int]()
    for line, cells in table[1:]:
        texts = {name: cells[index] if index < len(cells) else "" for name, index in columns.items()}
        read = parse_row(texts)
        if isinstance(read, ClientRow) and (first := seen.setdefault(read.number, line)) != line:
            read = [Problem("duplicate_in_file", {"number": read.number, "first_line": str(first)})]
        lines.append(Line(line, read) if isinstance(read, ClientRow) else Line(line, None, tuple(read)))
    return lines


def list_columns(head: Sequence[Row]) -> list[Column]:
    """Return the columns of a file, from its first rows; those without a header and without a value are left out."""
    width = max(len(cells) for _line, cells in head)
    headers = head[0][1] + [""] * (width - len(head[0][1]))
    guesses = {index: name for name, index in guess_columns(headers).items()}
    columns = []
    for index, header in enumerate(headers):
        values = (cells[index] for _line, cells in head[1:] if index < len(cells))
        example = next((value for value in values if value), "")
        if header or example:
            columns.append(Column(index, header, example, guesses.get(index, "")))
    return columns


def guess_columns(headers: Sequence[str]) -> dict[str, int]:
    """Return which column holds what, as far as the headers are known."""
    plain = [_plain(header) for header in headers]
    places = {name: [i for i, header in enumerate(plain) if header in known] for name, known in HEADERS.items()}
    return {name: found[0] for name, found in places.items() if found}


def find_columns(headers: Sequence[str], mapping: Mapping) -> dict[str, int]:
    """Return which column holds what: by an explicit mapping first, else by known headers.

    :raises ColumnMissing: when number or name has no column, or a mapped column is not there.
    """
    columns = guess_columns(headers)
    for name, wanted in mapping.items():
        columns.pop(name, None)
        if wanted is not None:
            columns[name] = _find_column(headers, wanted)
    for name in HEADERS:
        if name in NEEDED and name not in columns:
            raise ColumnMissing(name, headers)
    return columns


def _find_column(headers: Sequence[str], wanted: str | int) -> int:
    if isinstance(wanted, int):
        # A column may have values and no header.
        return wanted
    plain = [_plain(header) for header in headers]
    if _plain(wanted) not in plain:
        raise ColumnMissing(wanted, headers)
    return plain.index(_plain(wanted))


def parse_row(texts: abc.Mapping[str, str]) -> ClientRow | list[Problem]:
    """Read one line's texts into a client, or list everything that is wrong with it."""
    problems: list[Problem] = []
    row = ClientRow(
        number=_number(texts.get("number", ""), problems),
        name=_short("name", texts.get("name", ""), MAX_NAME, problems),
        email=_email(texts.get("email", ""), problems),
        language=_language(texts.get("language", ""), problems),
        client_code=_short("client_code", texts.get("client_code", ""), MAX_CODE, problems),
        starts_on=_day(texts.get("starts_on", ""), problems),
    )
    if not row.name:
        problems.append(Problem("name_missing"))
    return problems or row


def _number(text: str, problems: list[Problem]) -> str:
    if not text:
        problems.append(Problem("number_missing"))
        return ""
    try:
        return normalise_enterprise_number(text)
    except InvalidEnterpriseNumber:
        problems.append(Problem("vat_invalid", {"value": text[:60]}))
        return ""


def _short(name: str, text: str, longest: int, problems: list[Problem]) -> str:
    if len(text) > longest:
        problems.append(Problem(f"{name}_too_long", {"value": text[:60], "longest": str(longest)}))
    return text


def _email(text: str, problems: list[Problem]) -> str:
    if text and (len(text) > MAX_EMAIL or not _EMAIL.fullmatch(text)):
        problems.append(Problem("email_invalid", {"value": text[:60]}))
    return text


def _language(text: str, problems: list[Problem]) -> str:
    language = LANGUAGE_NAMES.get(_plain(text), "")
    if text and not language:
        problems.append(Problem("language_unknown", {"value": text[:60]}))
    return language


def _day(text: str, problems: list[Problem]) -> date | None:
    for form in DATE_FORMATS if text else ():
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 # a day has no zone
        except ValueError:
            continue
    if text:
        problems.append(Problem("date_invalid", {"value": text[:60]}))
    return None


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in bare if char.isascii() and char.isalnum())
