"""Judging sample documents as the worker does, on the day of the tests."""

from datetime import date
from pathlib import Path

from apps.invoices.checks import Judgement, judge
from tests.invoices.ubl.samples import SAMPLES, sample

ON = date(2026, 11, 25)
UBL_BE = "urn:cen.eu:en16931:2017#conformant#urn:UBL.BE:1.0.0.20180214"
PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"


def on_one_line(name: str) -> str:
    """Return a sample without its only line break, so that places have no line numbers."""
    return sample(name).decode().replace("?>\n", "?>")


PLAIN = on_one_line("belgian__be_001_ogm_pdf.xml")


def judged(document: bytes | str, *, pdf: bytes | None = None, on: date = ON, sheets: Path | None = None) -> Judgement:
    data = document.encode() if isinstance(document, str) else document
    return judge(data, pdf=pdf, on=on, peppol_sheets=sheets)


def codes(judgement: Judgement) -> set[str]:
    return {found.code for found in judgement.findings}


def severities(judgement: Judgement) -> dict[str, str]:
    return {found.code: found.severity.value for found in judgement.findings}


def attack_pdf(name: str) -> bytes:
    return (SAMPLES / "attacks" / "pdf" / name).read_bytes()


def changed(old: str, new: str, text: str = PLAIN) -> str:
    """Return the plain document with one thing changed; it is an error when there is no such thing."""
    assert old in text
    return text.replace(old, new)
