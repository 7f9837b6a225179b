"""An office asks about an invoice or refuses it; its company is told, and answers or corrects it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core import mail

from apps.accounting_offices.models import AccountingOffice
from apps.core.errors import DomainError
from apps.events.models import Event
from apps.invoices.models import Invoice, Remark
from apps.invoices.rules import OfficeViewState
from apps.invoices.services.bookings import answer_question, ask_question, book_invoices, refuse_invoice
from tests.conftest import NOW, react
from tests.factories import registry
from tests.factories.registry import Connected
from tests.factories.wire import Software, make_document
from tests.support.kept import Keep, Kept

pytestmark = pytest.mark.django_db

BY = {"actor": "user:1"}
ACTS: dict[str, Callable[[Invoice, datetime], Any]] = {
    "book": lambda invoice, now: book_invoices(invoice_ids=[invoice.pk], now=now, **BY),
    "ask": lambda invoice, now: ask_question(invoice_uuid=invoice.uuid, text="Which site?", now=now, **BY),
    "refuse": lambda invoice, now: refuse_invoice(invoice_uuid=invoice.uuid, text="Not ours", now=now, **BY),
    "answer": lambda invoice, now: answer_question(invoice_uuid=invoice.uuid, text="The first", now=now, **BY),
}
# What each action does in each state, in the order of the enum: the state afterwards, or the code of the refusal.
TABLE = {
    #         unseen booked questioned refused
    "book":   "booked booked booked !refused_by_office",
    "ask":    "questioned !already_booked questioned !refused_by_office",
    "refuse": "refused !already_booked refused refused",
    "answer": "!no_open_question !no_open_question questioned !no_open_question",
}  # fmt: skip
WAYS = {"unseen": [], "booked": ["book"], "questioned": ["ask"], "refused": ["refuse"]}


@pytest.fixture(scope="module")
def kept(keep: Keep[tuple[Connected, Invoice]]) -> Kept[tuple[Connected, Invoice]]:
    return keep(lambda: build(NOW))


def build(now: datetime) -> tuple[Connected, Invoice]:
    company = registry.make_company(now, office=registry.make_office(now, name="Kantoor Peeters"))
    connected = registry.connect(now, company, registry.make_software(now))
    Software.of(connected).upload(make_document(company, number="2026-0117"))
    react()
    return connected, Invoice.objects.get()


@pytest.fixture
def both(kept: Kept[tuple[Connected, Invoice]], settings: Any) -> tuple[Connected, Invoice]:
    return kept.give(settings.BLOB_DIR)


@pytest.fixture
def connected(both: tuple[Connected, Invoice]) -> Connected:
    return both[0]


@pytest.fixture
def invoice(both: tuple[Connected, Invoice]) -> Invoice:
    return both[1]


@pytest.mark.parametrize(("action", "place"), [(action, place) for action in TABLE for place in range(4)])
def test_what_an_office_and_a_company_may_do_in_each_state(
    invoice: Invoice, now: datetime, action: str, place: int
) -> None:
    state, expected = list(OfficeViewState)[place], TABLE[action].split()[place]
    for step in WAYS[state]:
        ACTS[step](invoice, now)
    before = (Remark.objects.count(), Event.objects.count())

    outcome = ""
    try:
        ACTS[action](invoice, now)
    except DomainError as error:
        outcome = f"!{error.code}"
    invoice.refresh_from_db()

    assert (outcome or invoice.office_state) == expected
    if outcome:
        assert (invoice.office_state, (Remark.objects.count(), Event.objects.count())) == (state, before)


def test_the_same_words_again_are_kept_and_told_once(invoice: Invoice, now: datetime) -> None:
    for action in ("ask", "ask", "answer", "answer", "ask", "refuse", "refuse"):
        ACTS[action](invoice, now)

    assert list(invoice.remarks.order_by("id").values_list("kind", flat=True)) == [
        "question", "answer", "question", "refusal",
    ]  # fmt: skip
    names = Event.objects.filter(subject_uuid=invoice.uuid, payload__has_key="remark").order_by("id")
    assert list(names.values_list("name", flat=True)) == [
        "invoice.questioned", "invoice.answered", "invoice.questioned", "invoice.refused",
    ]  # fmt: skip


def test_words_are_never_in_the_trail(invoice: Invoice, now: datetime) -> None:
    ACTS["ask"](invoice, now)

    assert not [event for event in Event.objects.all() if "Which site" in str(event.payload)]


@pytest.mark.parametrize(
    ("text", "code"), [("", "text_missing"), (" \n\x00", "text_missing"), ("x" * 2001, "text_too_long")]
)
def test_a_question_needs_words_of_a_bounded_length(invoice: Invoice, now: datetime, text: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        ask_question(invoice_uuid=invoice.uuid, text=text, now=now, **BY)

    invoice.refresh_from_db()
    assert (refused.value.code, invoice.office_state, Remark.objects.count()) == (code, "unseen", 0)


def test_lines_stay_and_other_control_characters_go(invoice: Invoice, now: datetime) -> None:
    ask_question(invoice_uuid=invoice.uuid, text=" One\r\ntwo\x00three ", now=now, **BY)

    assert invoice.remarks.get().text == "One\ntwo three"


def test_the_office_is_at_turn_once_its_question_was_answered(invoice: Invoice, now: datetime) -> None:
    turns = []
    for action in ("ask", "answer", "ask", "answer", "book"):
        ACTS[action](invoice, now)
        invoice.refresh_from_db()
        turns.append(invoice.answered_at is not None)

    assert turns == [False, True, False, True, False]


def test_a_correction_puts_a_refused_invoice_before_the_office_again(
    connected: Connected, invoice: Invoice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    ACTS["refuse"](invoice, now)

    Software.of(connected).upload(make_document(connected.company, number="2026-0117", price="900.00"))
    run_reactions()

    invoice.refresh_from_db()
    assert (invoice.office_state, invoice.version) == ("unseen", 2)
    steps = [step["event"] for step in Software.of(connected).get(f"sales-invoices/{invoice.uuid}/").json()["timeline"]]
    assert steps[-4:] == ["refused", "corrected", "reopened", "correction_validated"]
    assert book_invoices(invoice_ids=[invoice.pk], now=now, **BY) == 1


def test_a_correction_that_is_rejected_leaves_the_refusal(
    connected: Connected, invoice: Invoice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    ACTS["refuse"](invoice, now)

    wrong = make_document(connected.company, number="2026-0117", price="900.00").replace(b">900.00<", b">901.00<", 1)
    Software.of(connected).upload(wrong)
    run_reactions()

    invoice.refresh_from_db()
    assert (invoice.office_state, invoice.version) == ("refused", 1)


def test_a_correction_answers_an_open_question(
    connected: Connected, invoice: Invoice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    ACTS["ask"](invoice, now)

    Software.of(connected).upload(make_document(connected.company, number="2026-0117", price="900.00"))
    run_reactions()

    invoice.refresh_from_db()
    assert (invoice.office_state, invoice.answered_at is not None) == ("questioned", True)


def test_each_member_is_told_in_their_language(
    connected: Connected, invoice: Invoice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    for address, language in (("an@example.be", "nl"), ("luc@example.be", "fr")):
        registry.make_member(now, registry.make_user(address, language=language), company=connected.company)

    ACTS["ask"](invoice, now)
    run_reactions()

    told = {message.to[0]: message for message in mail.outbox}
    assert set(told) == {"an@example.be", "luc@example.be"}
    assert told["an@example.be"].subject == "Kantoor Peeters heeft een vraag over 2026-0117"
    assert told["luc@example.be"].subject == "Kantoor Peeters a une question sur 2026-0117"
    for message in told.values():
        assert "Which site?" in message.body
        assert f"/companies/{connected.company.uuid}/invoices/{invoice.uuid}/accountant/" in message.body


def test_without_members_the_address_on_file_is_told(
    connected: Connected, invoice: Invoice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    ACTS["refuse"](invoice, now)
    run_reactions()

    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["zaak@example.be"], "Kantoor Peeters weigerde 2026-0117")
    ]


def test_a_question_that_was_settled_before_the_mail_went_out_is_not_mailed(
    invoice: Invoice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    ACTS["ask"](invoice, now)
    ACTS["book"](invoice, now)
    run_reactions()

    assert mail.outbox == []


def test_the_one_who_asked_gets_each_answer_once_in_their_language(
    connected: Connected, invoice: Invoice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    office = AccountingOffice.objects.get()
    asker = registry.make_user("asker@kantoor.example", language="fr")
    registry.make_member(now, asker, office=office)
    registry.make_member(now, registry.make_user("other@kantoor.example"), office=office)
    ask_question(invoice_uuid=invoice.uuid, text="Quel chantier?", actor=f"user:{asker.uuid}", now=now)
    run_reactions()
    mail.outbox.clear()

    for text in ("Gent", "Gent", "Aalst"):
        answer_question(invoice_uuid=invoice.uuid, text=text, actor="user:2", now=now)
    run_reactions()

    assert [message.to for message in mail.outbox] == [["asker@kantoor.example"]] * 2
    assert ["Gent" in mail.outbox[0].body, "Aalst" in mail.outbox[1].body] == [True, True]
    message = mail.outbox[0]
    assert message.subject == f"{connected.company.name} répond au sujet de 2026-0117"
    assert "Quel chantier?" in message.body
    assert f"/offices/{office.uuid}/invoices/{invoice.uuid}/" in message.body


def test_when_the_asker_is_no_member_the_address_of_the_office_gets_it(
    invoice: Invoice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    ACTS["ask"](invoice, now)
    ACTS["answer"](invoice, now)
    run_reactions()

    assert mail.outbox[-1].to == [AccountingOffice.objects.get().email]


@pytest.mark.parametrize(("action", "told"), [("ask", 1), ("refuse", 1), (None, 0)])
def test_a_correction_is_told_to_the_office_that_asked_or_refused(
    connected: Connected,
    invoice: Invoice,
    now: datetime,
    run_reactions: Callable[[], int],
    action: str | None,
    told: int,
) -> None:
    if action:
        ACTS[action](invoice, now)
        run_reactions()
    mail.outbox.clear()

    Software.of(connected).upload(make_document(connected.company, number="2026-0117", price="900.00"))
    run_reactions()

    assert [message.subject for message in mail.outbox] == [f"{connected.company.name} verbeterde 2026-0117"] * told
