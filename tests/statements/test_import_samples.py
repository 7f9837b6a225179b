"""Every made sample, imported into a database that knows its account, gets what the manifest says."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from apps.companies.models import BankAccount
from apps.statements.coda import read_coda
from apps.statements.services.intake import import_coda_file, receive_coda_file
from tests.factories import registry

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parents[1] / "samples" / "coda"
with (FOLDER / "manifest.csv").open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
FILE_STATES = {"held": "partly_imported", "quarantined": "quarantined"}


def know_accounts(content: bytes, now: datetime) -> None:
    """Make the accounts of a file; an IBAN may have wrong check digits here, as a bank's file may."""
    company = registry.make_company(now)
    for iban, currency in {(read.iban, read.currency) for read in read_coda(content)}:
        if iban:
            BankAccount.objects.create(company=company, iban=iban, currency=currency)


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_sample_is_imported_as_the_manifest_says(now: datetime, row: dict[str, str]) -> None:
    content = (FOLDER / row["file"]).read_bytes()
    know_accounts(content, now)

    received = receive_coda_file(content=content, name=row["file"], actor="t", now=now)
    coda_file = import_coda_file(coda_file_uuid=received.uuid, now=now)

    expected = row["expected_state"].split(" + ")
    states = list(coda_file.statements.order_by("position").values_list("state", flat=True))
    assert coda_file.state == FILE_STATES.get(expected[0], "imported")
    assert states == ([] if expected == ["quarantined"] else expected * (len(states) if len(expected) == 1 else 1))
    found = {(finding.code, finding.line) for finding in coda_file.findings.all()}
    codes = set(row["expected_finding"].split())
    assert codes <= {code for code, _line in found}
    if row["line"]:
        assert {(code, int(row["line"])) for code in codes} & found
    if not codes:
        assert found == set()
