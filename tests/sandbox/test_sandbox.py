"""The calls of the sandbox, as a software's maker uses them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounting_offices.models import ClientLink
from apps.companies.models import BankAccount, Company
from apps.companies.rules import MemberRole
from apps.demo.resetting import NotTheSandbox
from apps.demo.tasks import reset_sandbox
from apps.sandbox.models import SelfTestReport
from apps.sandbox.rules import STEPS, BankFileKind, DocumentKind
from apps.statements.models import CodaFile, Statement
from apps.tokens.models import SoftwareKey
from apps.tokens.services.vendors import add_vendor_member, set_vendor_contact
from apps.users.models import User
from tests.factories import registry
from tests.factories.registry import Connected
from tests.factories.wire import Software

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sandbox.routes")]
Sell = Callable[..., str]


@pytest.fixture
def software(now: datetime) -> Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    registry.make_account(now, company)
    return registry.connect(now, company, registry.make_software(now))


@pytest.fixture
def calls(software: Connected) -> Software:
    return Software.of(software)


@pytest.fixture
def sell(calls: Software, run_reactions: Callable[[], int]) -> Sell:
    """Return a function that sends the sandbox's own good invoice and returns its id."""

    def selling(number: str) -> str:
        document = calls.get(f"sandbox/documents/valid/?number={number}").content
        sent: str = calls.upload(document).json()["id"]
        run_reactions()
        return sent

    return selling


@pytest.fixture
def bank(calls: Software, run_reactions: Callable[[], int]) -> Callable[..., Any]:
    """Return a function that lets the bank's next file arrive, and the worker import it."""

    def arrive(kind: str, **asked: str) -> Any:
        answer = calls.post("sandbox/bank-file/", {"kind": kind, **asked})
        assert answer.status_code == 201, answer.json()
        run_reactions()
        return CodaFile.objects.get(uuid=answer.json()["id"])

    return arrive


def state_of(calls: Software, invoice: str) -> tuple[str, str]:
    read = calls.get(f"sales-invoices/{invoice}/").json()
    return read["payment_state"], read["open_amount"]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("paid", ("paid", "0.00")),
        ("partly_paid", ("partially_paid", "605.00")),
        ("overpaid", ("overpaid", "0.00")),
        ("without_reference", ("open", "1210.00")),
        ("stranger", ("open", "1210.00")),
        ("batch", ("paid", "0.00")),
        ("foreign_currency", ("paid", "0.00")),
        ("empty", ("open", "1210.00")),
        ("gap", ("paid", "0.00")),
        ("late", ("paid", "0.00")),
        ("held", ("open", "1210.00")),
    ],
)
def test_a_bank_file_does_to_an_invoice_what_its_kind_says(
    calls: Software, sell: Sell, bank: Callable[..., Any], kind: str, state: tuple[str, str]
) -> None:
    invoice = sell("S-1")

    bank(kind)

    assert state_of(calls, invoice) == state


def test_what_was_paid_is_taken_back_and_paid_again(calls: Software, sell: Sell, bank: Callable[..., Any]) -> None:
    invoice = sell("S-1")
    bank("paid")

    bank("reversal")
    assert state_of(calls, invoice) == ("open", "1210.00")

    bank("paid", invoice=invoice)
    assert state_of(calls, invoice) == ("paid", "0.00")


def test_each_file_follows_the_one_before_on_the_next_bank_day(sell: Sell, bank: Callable[..., Any]) -> None:
    sell("S-1")

    files = [bank(kind) for kind in ("paid", "empty", "stranger", "late", "gap")]

    findings = [sorted(file.findings.values_list("code", flat=True)) for file in files]
    statements = Statement.objects.order_by("new_balance_on")
    assert findings == [[], [], [], [], ["statement_gap"]]
    assert [each.number for each in statements] == [1, 2, 3, 4, 6]
    assert [str(each.new_balance_on) for each in statements] == [
        *("2026-11-25", "2026-11-26", "2026-11-27", "2026-12-04", "2026-12-08"),
    ]


def test_a_file_sent_again_moves_no_money(calls: Software, sell: Sell, bank: Callable[..., Any]) -> None:
    invoice = sell("S-1")
    bank("partly_paid")

    assert bank("resent").state == "duplicate"
    assert state_of(calls, invoice) == ("partially_paid", "605.00")


def test_every_kind_is_answered_without_an_invoice_too(calls: Software, run_reactions: Callable[[], int]) -> None:
    assert calls.post("sandbox/bank-file/", {"kind": "resent"}).json()["code"] == "nothing_to_do"

    for kind in BankFileKind:
        assert calls.post("sandbox/bank-file/", {"kind": kind}).status_code == 201, kind
        run_reactions()


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (DocumentKind.VALID, "accepted"),
        (DocumentKind.NO_PDF, "accepted"),
        (DocumentKind.WRONG_CHECK_DIGITS, "accepted"),
        (DocumentKind.ISSUED_LONG_AGO, "accepted"),
        (DocumentKind.CREDIT_NOTE, "accepted"),
        (DocumentKind.CORRECTION, "accepted"),
        (DocumentKind.TOTALS_WRONG, "rejected"),
        (DocumentKind.SCHEMA, "rejected"),
        (DocumentKind.DOCTYPE, "xml_doctype"),
        (DocumentKind.NOT_WELL_FORMED, "xml_malformed"),
        (DocumentKind.OTHER_SUPPLIER, "supplier_mismatch"),
    ],
)
def test_a_document_has_the_problem_that_it_is_named_for(
    calls: Software, run_reactions: Callable[[], int], kind: DocumentKind, verdict: str
) -> None:
    answer = calls.upload(calls.get(f"sandbox/documents/{kind}/?number=D-1").content)
    run_reactions()

    told = answer.json()
    assert (told["code"] if "code" in told else calls.get(f"sales-invoices/{told['id']}/").json()["state"]) == verdict


def test_the_office_books_asks_refuses_and_closes_its_books(
    calls: Software, sell: Sell, run_reactions: Callable[[], int]
) -> None:
    booked, asked, refused = sell("O-1"), sell("O-2"), sell("O-3")

    for act, invoice in (("book", booked), ("question", asked), ("refuse", refused)):
        assert calls.post("sandbox/office/", {"act": act, "invoice": invoice}).status_code == 204

    states = [calls.get(f"sales-invoices/{invoice}/").json()["office_state"] for invoice in (booked, asked, refused)]
    correction = calls.get("sandbox/documents/correction/?number=O-1").content
    assert states == ["booked", "questioned", "refused"]
    assert calls.upload(correction).json()["code"] == "invoice_locked"
    assert calls.post("sandbox/office/", {"act": "close_books"}).status_code == 204


def test_a_company_whose_office_left_cannot_send_until_it_returns(
    calls: Software, software: Connected, run_reactions: Callable[[], int]
) -> None:
    document = calls.get("sandbox/documents/valid/").content

    calls.post("sandbox/office/", {"act": "leave"})
    run_reactions()
    assert calls.upload(document).json()["code"] == "connection_suspended"
    assert calls.post("sandbox/office/", {"act": "leave"}).json()["code"] == "nothing_to_do"

    calls.post("sandbox/office/", {"act": "return"})
    run_reactions()
    assert calls.upload(document).status_code == 201
    assert ClientLink.objects.filter(company=software.company).count() == 2


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("sandbox/bank-file/", {"kind": "hail"}, 400, "kind_unknown"),
        ("sandbox/office/", {"act": "dance"}, 400, "kind_unknown"),
        ("sandbox/office/", {"act": "book"}, 404, "not_found"),
        ("sandbox/office/", {"act": "book", "invoice": "x"}, 404, "not_found"),
        ("sandbox/office/", [], 400, "malformed_request"),
        ("sandbox/nothing/", {}, 404, "not_found"),
    ],
)
def test_what_cannot_be_done_says_so(calls: Software, path: str, asked: Any, status: int, code: str) -> None:
    answer = calls.post(path, asked)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_invoice_of_another_software_is_not_there(now: datetime, software: Connected, sell: Sell) -> None:
    invoice = sell("S-1")
    other = Software.of(registry.connect(now, software.company, registry.make_software(now, slug="onfact")))

    assert other.post("sandbox/bank-file/", {"invoice": invoice}).status_code == 404
    assert other.post("sandbox/office/", {"act": "book", "invoice": invoice}).status_code == 404


def test_the_self_test_is_green_after_the_whole_way_and_not_before(
    now: datetime, run_reactions: Callable[[], int]
) -> None:
    key = registry.make_software(now, slug="new")
    stranger = Software(str(key.key))
    company = registry.make_company(now, office=registry.make_office(now))
    registry.make_account(now, company)
    assert stranger.post("request-access-token/invoicing-software/", {"vat": "0999999922"}).status_code == 404

    started = stranger.get("sandbox/self-test/").json()
    assert [step["name"] for step in started["steps"] if step["done"]] == ["refusal_seen"]
    assert stranger.post("sandbox/self-test/", {}).json()["is_compatible"] is False

    calls = Software.of(registry.connect(now, company, key))
    _send_everything(calls, run_reactions)
    _read_everything(calls, run_reactions)

    read = stranger.get("sandbox/self-test/").json()
    report = stranger.post("sandbox/self-test/", {})
    assert [step["name"] for step in read["steps"] if not step["done"]] == []
    assert read["works_for"] == ["connect", "send", "read"]
    assert (report.status_code, report.json()["is_compatible"], report.json()["missing"]) == (201, True, [])
    assert SelfTestReport.objects.filter(software=key.software).count() == 2
    assert [each["is_compatible"] for each in stranger.get("sandbox/self-test/").json()["reports"]] == [True, False]


def _send_everything(calls: Software, run_reactions: Callable[[], int]) -> None:
    invoice = calls.get("sandbox/documents/valid/?number=T-1").content
    for document in (
        invoice,
        invoice,
        calls.get("sandbox/documents/correction/?number=T-1").content,
        calls.get("sandbox/documents/credit_note/?number=T-2&about=T-9").content,
        calls.get("sandbox/documents/totals_wrong/?number=T-3").content,
    ):
        calls.upload(document)
        run_reactions()


def _read_everything(calls: Software, run_reactions: Callable[[], int]) -> None:
    calls.post("sandbox/bank-file/", {})
    run_reactions()
    entry = calls.entries()[0]["feed_index"]
    calls.get(f"delivery/download/{entry}/cod/")
    calls.put(f"delivery/feed/{calls.feed_id()}/", {"feed_offset": entry})


def test_every_step_says_what_to_do_in_each_language(now: datetime) -> None:
    key = str(registry.make_software(now).key)

    told = {
        language: [step["to_do"] for step in Software(key, language=language).get("sandbox/self-test/").json()["steps"]]
        for language in ("nl", "fr", "en", "de")
    }

    assert all(len(set(sentences)) == len(STEPS) for sentences in told.values())
    assert len({tuple(sentences) for sentences in told.values()}) == 4


def test_the_calls_want_who_they_are_for(calls: Software, software: Connected) -> None:
    assert Software(software.key).post("sandbox/bank-file/", {}).status_code == 401
    assert Software("").get("sandbox/self-test/").json()["code"] == "software_key_missing"


def test_outside_the_sandbox_nothing_is_reset(software: Connected) -> None:
    with pytest.raises(CommandError, match="not the sandbox"):
        call_command("reset_sandbox")
    with pytest.raises(NotTheSandbox):
        reset_sandbox()

    assert Company.objects.filter(pk=software.company.pk).exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_night_leaves_makers_their_logins_keys_and_reports_and_a_fresh_world(
    now: datetime, software: Connected, calls: Software, settings: Any
) -> None:
    settings.SANDBOX = True
    calls.post("sandbox/self-test/", {})
    person = User.objects.create_user("dev@maker.example", "een lang geheim")
    made_by: dict[str, Any] = {"vendor_uuid": software.software.vendor.uuid, "actor": "t", "now": now}
    add_vendor_member(user=person, role=MemberRole.OWNER, **made_by)
    set_vendor_contact(email="maker@maker.example", language="fr", **made_by)

    reset_sandbox()

    assert SoftwareKey.objects.get(key=software.key).software == software.software
    assert software.software.vendor.members.filter(user=person, role=MemberRole.OWNER).exists()
    assert User.objects.get(email=person.email).check_password("een lang geheim")
    assert SelfTestReport.objects.get().software == software.software
    assert not Company.objects.filter(pk=software.company.pk).exists()
    assert BankAccount.objects.filter(company__name="Loodgieterij Maes BV").exists()
