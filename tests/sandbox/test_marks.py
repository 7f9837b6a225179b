"""From the sandbox's report to the mark in the public list: what is signed is believed, and nothing else."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.core.errors import DomainError
from apps.events.models import Event
from apps.sandbox import signing
from apps.sandbox.models import CompatibleMark, SelfTestReport
from apps.sandbox.reports import write_report
from apps.sandbox.rules import STEPS
from apps.sandbox.services import marks
from apps.tokens.models import Software
from apps.tokens.rules import SoftwareState
from tests.factories import registry
from tests.factories.wire import Software as Calls
from tests.portal.test_pages import text_of
from tests.portal.world import LANGUAGES, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sandbox.routes")]
PASSED = [step for step in STEPS if step != "payment_seen"]


@pytest.fixture
def software(now: datetime) -> Software:
    return registry.make_software(now).software


@pytest.fixture
def maker(now: datetime, software: Software) -> Client:
    person = registry.make_user("dev@maker.example", language="en")
    registry.make_member(now, person, vendor=software.vendor)
    return signed_in(person)


def report(software: Software, made_at: datetime, done: list[str] = PASSED) -> SelfTestReport:
    missing = [step for step in STEPS if step not in done]
    return SelfTestReport.objects.create(
        software=software, made_at=made_at, done=done, missing=missing, is_compatible=done == PASSED
    )


def take(software: Software, text: str, now: datetime) -> CompatibleMark:
    return marks.take_report(software_uuid=software.uuid, text=text, actor="user:dev", now=now)


def page_of(software: Software) -> str:
    return f"/vendors/{software.vendor.uuid}/software/{software.uuid}/self-test/"


def read(client: Client, path: str) -> str:
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return text_of(answer.content.decode())


def test_a_maker_makes_a_report_in_the_sandbox_and_its_software_is_marked_in_the_service(
    maker: Client, software: Software, now: datetime, settings: Any
) -> None:
    page = page_of(software)
    settings.SANDBOX = True
    assert f"0 of {len(STEPS)} steps seen." in read(maker, page)
    maker.post(page)
    assert f"{len(STEPS)} steps missing" in read(maker, page)
    passed = report(software, now)
    file = maker.get(f"{page}{passed.uuid}/report.json")

    settings.SANDBOX = False
    assert "Tested compatible" not in read(Client(), "/software/").partition("In use?")[2]
    sent = SimpleUploadedFile("report.json", file.content, content_type="application/json")
    assert maker.post(page, {"file": sent}).status_code == 302

    mark = CompatibleMark.objects.get()
    assert (mark.state, mark.report_uuid, mark.works_for) == ("standing", passed.uuid, ["connect", "send"])
    assert Event.objects.filter(name="software.marked_compatible", subject_uuid=software.uuid).count() == 1
    assert "Tested compatible on 25 Nov 2026." in read(maker, page)
    assert "25 Nov 2026" in read(Client(), "/software/").partition("In use?")[2]
    listed = read(Client(), f"/software/{software.slug}/")
    assert "Tested compatible on 25 Nov 2026: it passed" in listed
    assert "What it showed Connecting, Sending invoices" in listed
    assert "It has not reached us yet." in listed, "being tested is not being in use"


def test_the_same_report_again_changes_nothing_and_a_newer_one_replaces_it(software: Software, now: datetime) -> None:
    first, second = (report(software, now - timedelta(days=days)) for days in (9, 2))
    mark = take(software, write_report(first), now)

    assert take(software, json.dumps(json.loads(write_report(first))), now) == mark, "however it is laid out"
    newer = take(software, write_report(second), now)

    mark.refresh_from_db()
    assert (mark.state, newer.state) == ("replaced", "standing")
    assert Event.objects.filter(name="software.marked_compatible").count() == 2
    with pytest.raises(marks.ReportOutdated):
        take(software, write_report(first), now)


def changed(text: str) -> str:
    whole = json.loads(text)
    whole["report"]["works_for"].append("read")
    return json.dumps(whole)


def signed_by_another(text: str) -> str:
    whole = json.loads(text)
    whole["signature"] = signing.sign(whole["report"], key=b"x" * 32)
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "report_unreadable"),
        ("[]", "report_unreadable"),
        ("[" * 19_999, "report_unreadable"),
        ('{"report": {"kind": "self-test-report"}}', "report_unreadable"),
        ('{"report": {"kind": "self-test-report"}, "signature": "?"}', "report_signature_wrong"),
        (changed, "report_signature_wrong"),
        (signed_by_another, "report_signature_wrong"),
    ],
)
def test_what_the_sandbox_did_not_sign_marks_nothing(software: Software, now: datetime, text: Any, code: str) -> None:
    sent = text if isinstance(text, str) else text(write_report(report(software, now)))

    with pytest.raises(DomainError) as refused:
        take(software, sent, now)

    assert refused.value.code == code
    assert not CompatibleMark.objects.exists()
    assert not Event.objects.filter(name="software.marked_compatible").exists()


@pytest.mark.parametrize(
    ("age", "done", "change", "code"),
    [
        (timedelta(), PASSED, {"slug": "octopus", "name": "Octopus"}, "report_other_software"),
        (timedelta(), PASSED, {"slug": "robaws-2"}, None),
        (timedelta(), PASSED, {"state": SoftwareState.DISABLED}, "software_disabled"),
        (timedelta(), PASSED[1:], {}, "report_incomplete"),
        (timedelta(minutes=-6), PASSED, {}, "report_from_future"),
        (timedelta(minutes=-4), PASSED, {}, None),
        (timedelta(days=30), PASSED, {}, None),
        (timedelta(days=30, seconds=1), PASSED, {}, "report_too_old"),
    ],
)
def test_a_report_marks_the_software_that_it_is_about_while_it_is_new(
    software: Software, now: datetime, age: timedelta, done: list[str], change: dict[str, Any], code: str | None
) -> None:
    text = write_report(report(software, now - age, done))
    Software.objects.filter(pk=software.pk).update(**change)

    refused = None
    try:
        take(software, text, now)
    except DomainError as error:
        refused = error.code

    assert refused == code
    assert CompatibleMark.objects.exists() == (code is None)


def test_a_service_that_knows_no_sandbox_takes_no_report(software: Software, now: datetime, settings: Any) -> None:
    settings.SELF_TEST_PUBLIC_KEYS = []

    with pytest.raises(marks.ReportsNotTaken):
        take(software, write_report(report(software, now)), now)


def test_staff_withdraw_a_mark_with_a_reason_that_the_maker_reads(
    maker: Client, software: Software, now: datetime
) -> None:
    staff = signed_in(registry.make_user("staff@example.be", language="en", is_staff=True))
    earlier = write_report(report(software, now - timedelta(days=1)))
    mark = take(software, earlier, now - timedelta(hours=1))
    form: dict[str, Any] = {"action": "withdraw", "_selected_action": [mark.pk]}

    staff.post("/admin/sandbox/compatiblemark/", {**form, "reason": " "})
    assert CompatibleMark.objects.get().state == "standing"
    staff.post("/admin/sandbox/compatiblemark/", {**form, "reason": "It sends other people's invoices."})

    assert "The mark was withdrawn on 25 Nov 2026: It sends other people's invoices." in read(
        maker, page_of(software)
    ).replace("&#x27;", "'")
    assert "Its maker has sent in no report" in read(Client(), f"/software/{software.slug}/")
    assert Event.objects.filter(name="software.mark_withdrawn").count() == 1
    refused = maker.post(page_of(software), {"text": earlier}, headers={"Accept-Language": "en"})
    assert "(report_withdrawn)" in refused.content.decode()
    marks.withdraw_mark(mark_uuid=mark.uuid, reason="again", actor="t", now=now)
    assert Event.objects.filter(name="software.mark_withdrawn").count() == 1
    later = now + timedelta(days=1)
    assert take(software, write_report(report(software, later)), later).state == "standing"


def test_the_pages_are_its_makers_alone_and_come_in_every_language(
    maker: Client, software: Software, now: datetime, settings: Any
) -> None:
    stranger, page = signed_in(registry.make_user("x@example.be")), page_of(software)
    theirs = report(registry.make_software(now, slug="octopus").software, now)
    for is_sandbox in (True, False):
        settings.SANDBOX = is_sandbox
        assert stranger.get(page).status_code == stranger.post(page).status_code == 404
        assert maker.get(f"{page}{theirs.uuid}/report.json").status_code == 404
        shown = set()
        for language in LANGUAGES:
            maker.post("/language/", {"language": language, "next": "/"})
            shown.add(text_of(maker.get(page).content.decode()))
        assert len(shown) == len(LANGUAGES)


def test_a_software_reads_its_signed_reports_and_not_those_of_others(software: Software, now: datetime) -> None:
    own, other = (
        Calls(str(each.keys.get().key)) for each in (software, registry.make_software(now, slug="b").software)
    )
    made: UUID = own.post("sandbox/self-test/", {}).json()["id"]

    assert own.get(f"sandbox/self-test/{made}/").content.decode() == write_report(SelfTestReport.objects.get())
    assert other.get(f"sandbox/self-test/{made}/").status_code == 404
