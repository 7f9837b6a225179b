"""Hostile files through the real service: each gets its verdict over HTTP, and the web processes stay small."""

import re
from typing import Any

import pytest

from tests.deploy.launching import children
from tests.invoices.checks.judging import PLAIN, attack_pdf
from tests.invoices.checks.large_attacks import VERDICTS, attacks
from tests.invoices.checks.test_attacks import PDFS
from tests.invoices.ubl.samples import attack
from tests.invoices.ubl.test_attacks import READ, REFUSED, REJECTED_BY_SCHEMA
from tests.journeys.callers import Wire, software
from tests.journeys.instances import Instance, eventually, is_ready
from tests.journeys.test_main_path import connect

# What the upload request itself refuses of the large ones; the worker judges the others (tests/invoices/checks).
AT_ONCE = ("xml_malformed", "xml_doctype", "file_too_large")
# A web process with documents of 20 MB in both of its threads; what the bombs unpack to is ten times as much.
MOST_MEGABYTES = 500


@pytest.fixture(scope="module")
def company(world: dict[str, Any]) -> dict[str, str]:
    return dict([row for row in world["companies"] if row["scenario"] == "ready"][4])


@pytest.fixture(scope="module")
def wire(instance: Instance, world: dict[str, Any], company: dict[str, str]) -> Wire:
    caller = software(instance, world, world["software"][0]["slug"])
    connect(instance, caller, company)
    return caller


@pytest.fixture(autouse=True)
def _stays_small_and_ready(instance: Instance) -> Any:
    yield
    peaks = [_peak_megabytes(child) for pid in instance.processes("granian") for child in children(pid)]
    assert max(peaks) < MOST_MEGABYTES
    assert is_ready(instance.base)


def _peak_megabytes(pid: int) -> int:
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) // 1000 for line in status if line.startswith("VmHWM"))


def own(document: bytes, company: dict[str, str], number: str) -> bytes:
    """Return a document as this company's own, under a number of its own."""
    supplier = re.search(rb"AccountingSupplierParty>.*?(0\d{9})<", document, re.DOTALL)
    assert supplier
    named = document.replace(supplier[1], company["enterprise_number"].encode())
    return re.sub(rb"(<cbc:ID>|<ubl:ID>|<b:ID>|<x:ID>)[^<]*<", rb"\g<1>" + number.encode() + b"<", named, count=1)


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_what_is_no_document_is_refused_at_once_and_kept(wire: Wire, name: str, code: str) -> None:
    status, body = wire.upload(attack(name))

    assert (status, body["code"]) == (400, code)
    assert re.fullmatch(r"[0-9a-f-]{36}", body["id"])


def test_the_large_ones_are_refused_by_the_request_that_brings_them(wire: Wire) -> None:
    brought = {name: data for name, (data, _pdf) in attacks().items() if VERDICTS[name][1] in AT_ONCE}

    answers = {name: wire.upload(data) for name, data in brought.items()}

    assert {name: body["code"] for name, (_status, body) in answers.items()} == {
        name: VERDICTS[name][1] for name in brought
    }
    assert {name: status for name, (status, _body) in answers.items()} == {
        name: 413 if VERDICTS[name][1] == "file_too_large" else 400 for name in brought
    }


def test_oddities_and_the_pdfs_beside_get_the_verdict_of_the_worker(wire: Wire, company: dict[str, str]) -> None:
    wanted: dict[str, str] = {}
    for name in sorted(READ | REJECTED_BY_SCHEMA):
        status, body = wire.upload(own(attack(name), company, f"ODD-{name}"))
        assert status == 201, (name, body)
        wanted[body["id"]] = "rejected" if name in REJECTED_BY_SCHEMA else "accepted"
    for name, (verdict, _codes) in PDFS.items():
        status, body = wire.upload(own(PLAIN.encode(), company, f"PDF-{name}"), attack_pdf(name))
        if name == "not_a_pdf.pdf":
            assert (status, body["code"]) == (400, "pdf_unreadable")
            continue
        assert status == 201, (name, body)
        wanted[body["id"]] = verdict

    def verdicts() -> dict[str, str]:
        return {uuid: wire.call("GET", f"sales-invoices/{uuid}/")[1]["state"] for uuid in wanted}

    eventually(lambda: "received" not in verdicts().values(), seconds=120)
    assert verdicts() == wanted
