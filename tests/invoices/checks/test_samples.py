"""Every sample gets its verdict and its codes: those of this repository, and those of a folder if one is named.

`UBL_SAMPLES` names a folder of further documents with a `manifest.csv` (columns `file`, `portal_verdict`, `expected`).
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.invoices.checks.judging import codes, judged
from tests.invoices.ubl.samples import SAMPLES


def rows(folder: Path, verdict: str, expected: str) -> Iterator[tuple[Path, str, str]]:
    with (folder / "manifest.csv").open(newline="") as manifest:
        for row in csv.DictReader(manifest):
            wanted = "" if row[expected].startswith("valid") else row[expected]
            yield folder / row["file"], row[verdict], wanted


PDF_IN_BASE64 = b">JVBERi"
OWN = list(rows(SAMPLES / "ubl", "verdict", "codes"))
FURTHER = (
    list(rows(Path(os.environ["UBL_SAMPLES"]), "portal_verdict", "expected")) if "UBL_SAMPLES" in os.environ else []
)


CASES = [
    pytest.param(*row, id=f"{whose}-{row[0].name}")
    for whose, samples in (("own", OWN), ("further", FURTHER))
    for row in samples
]


@pytest.mark.parametrize(("path", "verdict", "wanted"), CASES)
def test_a_sample_gets_its_verdict_and_its_codes(path: Path, verdict: str, wanted: str) -> None:
    judgement = judged(path.read_bytes())

    assert ("rejected" if judgement.is_rejected else "accepted") == verdict
    assert codes(judgement) >= set(wanted.split())


@pytest.mark.parametrize(
    "path", [path for path, verdict, _ in OWN if verdict == "accepted"], ids=lambda path: path.name
)
def test_an_accepted_sample_has_only_findings_that_its_manifest_or_the_date_explains(path: Path) -> None:
    known = {
        "belgian__be_019_ogm_bad_mod97.xml": {"communication_check_digits"},
        "belgian__be_100_ublbe_efff_profile.xml": {
            *(
                "BR-CL-11",
                "BR-CL-25",
                "ubl-BE-01",
                "ubl-BE-02",
                "ubl-BE-03",
                "ubl-BE-04",
                "ubl-BE-10",
                "ubl-BE-14",
                "ubl-BE-15",
            ),
        },
    }

    no_pdf = set() if PDF_IN_BASE64 in path.read_bytes() else {"pdf_missing"}
    assert codes(judged(path.read_bytes())) == known.get(path.name, set()) | no_pdf


def test_every_sample_is_in_the_manifest() -> None:
    assert {path for path, _, _ in OWN} == set((SAMPLES / "ubl").glob("*.xml"))
    assert len(OWN) >= 54
