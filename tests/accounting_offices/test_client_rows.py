from datetime import date

import pytest

from apps.accounting_offices.client_files import FileUnreadable, read_table
from apps.accounting_offices.client_rows import ClientRow, ColumnMissing, find_columns, parse_row, read_lines

FIELDS = ["number", "name", "email", "language", "client_code", "starts_on"]


@pytest.mark.parametrize(
    "headers",
    [
        "Ondernemingsnummer;Naam;E-mailadres;Taal;Klantcode;Vanaf",
        "Numéro d'entreprise;Dénomination;Adresse e-mail;Langue;Code client;À partir du",
        "Enterprise number;Name;E-mail;Language;Client code;From",
        "Unternehmensnummer;Firma;E-Mail;Sprache;Kundencode;Ab",
    ],
)
def test_columns_are_found_by_their_headers_in_four_languages(headers: str) -> None:
    assert find_columns(headers.split(";"), {}) == {name: index for index, name in enumerate(FIELDS)}


def test_a_mapping_comes_before_the_known_headers_and_must_be_there() -> None:
    assert find_columns(["Naam", "Nr", "Zaak"], {"number": "nr", "name": "zaak"}) == {"number": 1, "name": 2}
    with pytest.raises(ColumnMissing):
        find_columns(["Naam", "btw"], {"email": "Post"})
    with pytest.raises(ColumnMissing):
        find_columns(["Naam"], {})


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_is_read_in_the_usual_encodings_and_separators(delimiter: str, encoding: str) -> None:
    content = f"btw{delimiter}naam\n\n0123.456.749{delimiter}Café Ümit\n".encode(encoding)

    (line,) = read_lines(read_table(content), {})

    assert (line.line, line.row) == (3, ClientRow("0123456749", "Café Ümit"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"\x00\x01"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        read_table(content)


@pytest.mark.parametrize("language", ["fr", "FR", "Frans", "français", "Französisch"])
def test_a_language_is_a_code_or_a_name(language: str) -> None:
    row = parse_row({"number": "0123456749", "name": "x", "language": language})

    assert isinstance(row, ClientRow)
    assert row.language == "fr"


@pytest.mark.parametrize("day", ["2026-03-01", "01/03/2026", "1-3-2026", "01.03.2026"])
def test_a_day_is_read_in_the_usual_forms(day: str) -> None:
    row = parse_row({"number": "0123456749", "name": "x", "starts_on": day})

    assert isinstance(row, ClientRow)
    assert row.starts_on == date(2026, 3, 1)


def test_every_problem_of_a_line_is_listed() -> None:
    found = parse_row({"number": "12", "email": "a@b", "language": "xx", "starts_on": "31/02/2026"})

    assert isinstance(found, list)
    assert [problem.code for problem in found] == [
        "vat_invalid", "email_invalid", "language_unknown", "date_invalid", "name_missing",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_spreadsheets_do_to_a_list_is_understood(encoding: str, delimiter: str) -> None:
    rows = [f"sep={delimiter}", f"btw{delimiter}naam", f"123456749{delimiter}Zaak", f"'0123.456.749{delimiter}Zaak"]

    (first, second) = read_lines(read_table("\r\n".join(rows).encode(encoding)), {})

    assert (first.line, first.row) == (3, ClientRow("0123456749", "Zaak"))
    assert [(second.line, problem.code) for problem in second.problems] == [(4, "duplicate_in_file")]


def test_a_line_break_inside_quotes_is_one_line_of_the_list() -> None:
    (line,) = read_lines(read_table(b'btw;naam\r\n0123456749;"Zaak\r\nen zoon"'), {})

    assert line.row == ClientRow("0123456749", "Zaak\r\nen zoon")


def test_a_number_that_a_spreadsheet_rounded_is_a_problem() -> None:
    (line,) = read_lines(read_table(b"btw;naam\r\n1,23457E+08;Zaak"), {})

    assert [(problem.code, problem.params) for problem in line.problems] == [("vat_invalid", {"value": "1,23457E+08"})]
