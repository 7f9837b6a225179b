"""How pages write amounts, dates and numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import translation

from apps.core import display
from apps.invoices.rules import InvoiceState, OfficeViewState, PaymentState, Severity
from apps.portal.templatetags import portal
from apps.portal.templatetags.words import BADGES

NB = "\u00a0"


@pytest.mark.parametrize(
    ("language", "written", "negative", "other"),
    [
        ("nl", f"€{NB}1.842,63", f"€{NB}−96,80", f"CHF{NB}1.842,63"),
        ("fr", f"1\u202f842,63{NB}€", f"−96,80{NB}€", f"1\u202f842,63{NB}CHF"),
        ("en", "€1,842.63", "−€96.80", f"CHF{NB}1,842.63"),
        ("de", f"1.842,63{NB}€", f"−96,80{NB}€", f"1.842,63{NB}CHF"),
    ],
)
def test_amounts(language: str, written: str, negative: str, other: str) -> None:
    with translation.override(language):
        assert display.money(Decimal("1842.630"), "EUR") == written
        assert display.money(Decimal("-96.8"), "EUR") == negative
        assert display.money(Decimal("1842.63"), "CHF") == other


@pytest.mark.parametrize(
    ("language", "short", "long"),
    [("nl", "okt", "oktober"), ("fr", "oct.", "octobre"), ("en", "Oct", "October"), ("de", "Okt", "Oktober")],
)
def test_a_month_is_written_as_its_language_does(language: str, short: str, long: str) -> None:
    with translation.override(language):
        assert portal.month(date(2026, 10, 5)) == short
        assert portal.month_of_year(date(2026, 10, 5)) == f"{long}{NB}2026"


@pytest.mark.parametrize(
    ("size", "dutch", "french"),
    [(1, "1 byte", "1 octet"), (999, "999 bytes", "999 octets"), (65_300, "65,3 kB", "65,3 ko"),
     (2_500_000_000, "2,5 GB", "2,5 Go"), (4 * 10**12, "4.000,0 GB", "4\N{NARROW NO-BREAK SPACE}000,0 Go")],
)  # fmt: skip
def test_sizes_of_files(size: int, dutch: str, french: str) -> None:
    for language, written in (("nl", dutch), ("fr", french)):
        with translation.override(language):
            assert portal.file_size(size) == written.replace(" ", NB)


def test_a_finding_writes_its_days_and_amounts_as_its_reader_does() -> None:
    differs = SimpleNamespace(
        code="line_amount_differs", message="", params={"written": "1450.00", "computed": "-445.125"}
    )
    late = SimpleNamespace(
        code="issue_date_in_future", message="", params={"date": "2026-11-26", "today": "2026-99-99"}
    )
    with translation.override("fr"):
        assert "1\N{NARROW NO-BREAK SPACE}450,00" in portal.finding_sentence(differs)
        assert "−445,125" in portal.finding_sentence(differs)
        assert f"26{NB}nov.{NB}2026" in portal.finding_sentence(late)
        assert "2026-99-99" in portal.finding_sentence(late)


def test_a_place_in_a_document_names_its_line_in_the_language_of_its_reader() -> None:
    with translation.override("nl"):
        assert portal.finding_place("/Invoice/cbc:ID (line 7)") == "/Invoice/cbc:ID (regel 7)"
        assert portal.finding_place("pdf") == "pdf"


def test_an_address_breaks_at_its_joints_and_stays_text() -> None:
    assert portal.breakable("a@b.be:22/in") == "a@<wbr>b.<wbr>be:<wbr>22/<wbr>in"
    assert portal.breakable("<b>.x") == "&lt;b&gt;.<wbr>x"


def test_decimals_are_never_lost_and_never_more_than_needed() -> None:
    with translation.override("nl"):
        assert display.plain_amount(Decimal("-96.805")) == "−96,805"
        assert display.plain_amount(Decimal("1E+3")) == "1.000,00"
        assert display.quantity(Decimal("11.500")) == "11,5"
        assert display.quantity(Decimal(100)) == "100"


@pytest.mark.parametrize(
    ("language", "instant", "exact"),
    [
        ("nl", "4 dec 2026, 09:42", "vrijdag 4 december 2026 om 09:42"),
        (
            "fr",
            "4 déc. 2026, 9 h 42",
            "vendredi 4 décembre 2026 à 9\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}42",
        ),
        ("en", "4 Dec 2026, 09:42", "Friday 4 December 2026 at 09:42"),
        ("de", "4. Dez. 2026, 09:42 Uhr", "Freitag, 4. Dezember 2026 um 09:42 Uhr"),
    ],
)
def test_instants_are_written_in_belgian_time(language: str, instant: str, exact: str) -> None:
    moment = datetime(2026, 12, 4, 8, 42, tzinfo=UTC)

    with translation.override(language):
        assert portal.instant(moment).replace(NB, " ") == instant
        assert portal.exact_instant(moment) == exact


def test_a_day_after_midnight_in_belgium_is_that_day() -> None:
    assert portal.date_of(datetime(2026, 12, 4, 23, 30, tzinfo=UTC)) == date(2026, 12, 5)


def test_numbers_and_accounts() -> None:
    assert portal.enterprise_number("0123456749") == "0123.456.749"
    assert portal.enterprise_number("DE123") == "DE123"
    assert display.iban("BE71096123456769").replace(NB, " ") == "BE71 0961 2345 6769"
    assert display.structured("090933755493") == "+++090/9337/55493+++"


def test_every_state_that_pages_show_has_a_word() -> None:
    assert set(BADGES["invoice"]) == set(InvoiceState)
    assert set(BADGES["payment"]) == set(PaymentState)
    assert set(BADGES["office"]) == set(OfficeViewState)
    assert set(BADGES["severity"]) == set(Severity)


def test_unknown_codes_are_shown_as_they_are() -> None:
    assert portal.word("invoice.something_new", "event") == "invoice.something_new"
    assert portal.state_badge("payment", "lost")["badge"].word == "lost"
