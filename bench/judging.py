"""Judging documents, end to end, against the bare official rules over the same documents.

End to end is what the web process and the worker do: keep the upload, judge it by all layers, and run the reactions
that deliver it to the office and list it in its feed (events included); matching with money is left out, as its work
depends on the statements. The baseline has the bytes in hand too, and does nothing but parse them and ask the schema
and the official rules (EN 16931 and Peppol). All in one process; Saxon and its sheets are made before the clock starts.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

from apps.core import clock
from apps.delivery.models import FeedEntry
from apps.invoices.checks import judge
from apps.invoices.checks.official import check_en16931
from apps.invoices.checks.peppol import check_peppol
from apps.invoices.checks.saxon import write_for_rules
from apps.invoices.models import Invoice
from apps.invoices.services.intake import Upload, receive_invoice
from apps.invoices.ubl import DraftLine, DraftParty, InvoiceDraft, build_invoice, check_schema, parse_ubl
from bench.databases import run_as_owner
from bench.report import Goal, Report
from bench.rounds import Stopwatch, interleave
from bench.world import ACTOR, run_reactions
from tests.factories import registry

DOCUMENTS: Final = 120
LARGE_BYTES: Final = 19_500_000
GOAL: Final = Goal(">=", 0.7)
_LEFT_OUT: Final = frozenset({"reconciliation.match_invoice", "tokens.send_token_mail"})
_PDF_BYTES: Final = 60_000


class Documents:
    """Each round's own documents of one company: one in three has 60 lines, one in three has a PDF inside."""

    def __init__(self, connected: registry.Connected) -> None:
        self._connected = connected
        self._pdf = _make_pdf(_PDF_BYTES)
        self._current: list[bytes] = []

    def time_journey(self, number: int) -> float:
        """Upload the round's documents and do what follows from it; the other steps take the same documents."""
        self._current = [
            build_document(self._connected.company.enterprise_number, f"{number}-{n}", n, self._pdf)
            for n in range(DOCUMENTS)
        ]
        before = FeedEntry.objects.count()
        with Stopwatch() as watch:
            for document in self._current:
                upload = Upload(self._connected.company, self._connected.software, document, None)
                receive_invoice(upload=upload, actor=ACTOR, now=clock.now())
            run_reactions(except_for=_LEFT_OUT)
        assert not Invoice.objects.exclude(state="accepted").exists(), "every document of the bench is right"
        assert FeedEntry.objects.count() == before + DOCUMENTS, "each is in the office's feed"
        return watch.seconds

    def time_judgement(self, _number: int) -> float:
        """Judge the round's documents by all layers."""
        with Stopwatch() as watch:
            for document in self._current:
                judge(document, pdf=None, on=clock.today(), peppol_sheets=None)
        return watch.seconds

    def time_official(self, _number: int) -> float:
        """Ask the schema, EN 16931 and Peppol."""
        with Stopwatch() as watch:
            for document in self._current:
                root = parse_ubl(document)
                check_schema(root)
                text = write_for_rules(root)
                check_en16931(root, text)
                check_peppol(root, text, folder=None)
        return watch.seconds

    def time_en16931(self, _number: int) -> float:
        """Ask the sheet of EN 16931 alone."""
        with Stopwatch() as watch:
            for document in self._current:
                root = parse_ubl(document)
                check_en16931(root, write_for_rules(root))
        return watch.seconds


def measure(report: Report) -> None:
    """Measure the journey, the judgement and the two baselines over the same documents."""
    now = clock.now()
    company = registry.make_company(now, office=registry.make_office(now))
    documents = Documents(registry.connect(now, company, registry.make_software(now)))
    run_reactions(except_for=_LEFT_OUT)
    # Compiles the sheets and reads the schemas, once a process.
    documents.time_journey(-1)
    documents.time_judgement(-1)
    run_as_owner("ANALYZE")
    rounds = interleave(
        {
            "journey": documents.time_journey,
            "judgement": documents.time_judgement,
            "official": documents.time_official,
            "en16931": documents.time_en16931,
        }
    )
    bare = f"{DOCUMENTS / rounds.median('official'):.0f} documents/s"
    for step, what in (
        ("journey", "from bytes to the feed"),
        ("judgement", "judged by all layers"),
        ("official", "bare official rules: schema, EN 16931, Peppol"),
        ("en16931", "bare EN 16931 alone"),
    ):
        report.figure(f"documents {what}", DOCUMENTS / rounds.median(step), "documents/s")
    report.ratio(
        "from bytes to the feed vs bare official rules", rounds.ratio("official", "journey"), GOAL, baseline=bare
    )
    report.figure(
        "all layers vs bare official rules, speed", rounds.ratio("official", "judgement"), "times", baseline=bare
    )


def measure_memory(report: Report) -> None:
    """Measure what judging one large document takes beyond what Saxon and the sheets take."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.xml", Path(folder) / "large.xml"
        small.write_bytes(build_document("0456789034", "1", 2, _make_pdf(_PDF_BYTES)))
        large.write_bytes(build_document("0456789034", "1", 2, _make_pdf(LARGE_BYTES * 3 // 4 - 10_000)))
        peaks = [_peak_of(path) for path in (small, large)]
    size = LARGE_BYTES / 1_000_000
    report.figure("peak memory of a process that judges a document of 80 kB", peaks[0], "MB")
    report.figure(f"peak memory of a process that judges a document of {size:.1f} MB", peaks[1], "MB")


def _peak_of(document: Path) -> float:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.judge_memory", str(document)], capture_output=True, text=True, check=True
    )
    return int(re.sub(r"\D", "", ran.stdout)) / 1000


def build_document(supplier: str, number: str, kind: int, pdf: bytes) -> bytes:
    """Build a right document; `kind` modulo three says whether it is short, long, or has the PDF inside."""
    lines = 60 if kind % 3 == 1 else 5
    return build_invoice(
        InvoiceDraft(
            number=number,
            issue_date=clock.today(),
            due_date=clock.today(),
            currency="EUR",
            supplier=_party("Bouwwerken Peeters BV", supplier),
            customer=_party("Klant NV", "0101000160"),
            lines=tuple(
                DraftLine(
                    description=f"Artikel {n}",
                    quantity=Decimal(1 + n % 7),
                    unit_price=Decimal(1_000 + n) / 100,
                    vat_percent=Decimal((6, 21)[n % 2]),
                )
                for n in range(lines)
            ),
            structured_communication="090933755493",
            iban="BE68539007547034",
            pdf=pdf if kind % 3 == 2 else None,
        )
    )


def _party(name: str, number: str) -> DraftParty:
    return DraftParty(name=name, street="Straat 1", postcode="9000", city="Gent", enterprise_number=number)


def _make_pdf(size: int) -> bytes:
    """Return a PDF of one page with noise behind a stream, as an ordinary PDF's compressed content is."""
    noise = Random(size).randbytes(size)
    objects: Sequence[bytes] = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(noise), noise),
    )
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out) + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
