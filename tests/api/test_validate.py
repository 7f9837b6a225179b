"""`POST /v2/sales-invoices/validate/`: the verdict of an upload, with nothing kept."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from apps.blobs.models import Blob
from apps.events.models import Event
from apps.invoices.models import Arrival, Invoice
from apps.invoices.services import validation
from tests.factories import registry
from tests.factories.wire import Software, make_document
from tests.invoices.checks.judging import attack_pdf
from tests.invoices.ubl.samples import sample
from tests.support.worker import call_beside_a_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sender(now: datetime) -> registry.Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    return registry.connect(now, company, registry.make_software(now))


def validated(software: Software, document: bytes, pdf: bytes | None = None) -> Any:
    answer = call_beside_a_worker(lambda: software.validate(document, pdf), task=validation.TASK)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_right_document_is_accepted_and_nothing_is_kept(sender: registry.Connected) -> None:
    events = Event.objects.count()

    body = validated(Software.of(sender), make_document(sender.company), attack_pdf("good.pdf"))

    assert body == {
        "verdict": "accepted",
        "document_type": "invoice",
        "invoice_number": "2026-0117",
        "findings": [],
    }
    assert (Invoice.objects.count(), Arrival.objects.count(), Blob.objects.count()) == (0, 0, 0)
    assert Event.objects.count() == events
    assert list(Redis.from_url(settings.REDIS_URL).scan_iter("validation:*")) == []


def test_a_wrong_document_is_rejected_with_the_rule_its_place_and_a_remedy_in_the_readers_language(
    sender: registry.Connected,
) -> None:
    software = Software(sender.key, sender.username, sender.password, language="nl")
    wrong = make_document(sender.company).replace(b">1210.00<", b">1210.01<")

    body = validated(software, wrong)

    assert (body["verdict"], body["invoice_number"]) == ("rejected", "2026-0117")
    finding = body["findings"][0]
    assert finding == {
        "code": "BR-CO-15",
        "severity": "fatal",
        "layer": "en16931",
        "location": "/Invoice (line 2)",
        "message": "Invoice total amount with VAT (BT-112) = Invoice total amount without VAT (BT-109) + "
        "Invoice total VAT amount (BT-110).",
        "remedy": "Totaal met btw = totaal zonder btw + totaal van de btw.",
    }


def test_another_suppliers_document_is_only_warned_about(sender: registry.Connected, now: datetime) -> None:
    other = registry.make_company(now)

    body = validated(Software.of(sender), make_document(other), attack_pdf("good.pdf"))

    assert body["verdict"] == "accepted"
    assert [(f["code"], f["severity"], f["layer"]) for f in body["findings"]] == [
        ("supplier_mismatch", "warning", "house")
    ]


def test_what_is_no_document_is_a_verdict_too(sender: registry.Connected) -> None:
    body = validated(Software.of(sender), b"not xml")

    assert (body["verdict"], body["document_type"], body["invoice_number"]) == ("rejected", None, None)
    assert [(f["code"], f["layer"]) for f in body["findings"]] == [("xml_malformed", "xml")]


def test_findings_are_told_the_gravest_first(sender: registry.Connected) -> None:
    body = validated(Software.of(sender), sample("belgian__be_019_ogm_bad_mod97.xml"), b"%PDF-1.7")

    assert [f["severity"] for f in body["findings"]] == ["fatal", "warning", "warning"]


def test_without_a_worker_the_answer_is_503_and_nothing_stays_behind(sender: registry.Connected, settings: Any) -> None:
    settings.VALIDATION_WAIT_SECONDS = 1

    answer = Software.of(sender).validate(make_document(sender.company))

    assert (answer.status_code, answer.json()["code"]) == (503, "validation_busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert list(Redis.from_url(settings.REDIS_URL).scan_iter("validation:*")) == []


def test_a_worker_that_comes_too_late_does_nothing(now: datetime) -> None:
    assert validation.answer_question(key="validation:gone", now=now) is False


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        (lambda software: software.post("sales-invoices/validate/", {}), 415, "unsupported_media_type"),
        (
            lambda software: software.client.post("/v2/sales-invoices/validate/", {}, headers=software.headers),
            400,
            "file_missing",
        ),
    ],
)
def test_what_is_no_upload_is_refused_as_by_the_upload(
    sender: registry.Connected, send: Callable[[Software], Any], status: int, code: str
) -> None:
    answer = send(Software.of(sender))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
