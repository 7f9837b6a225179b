"""A company works through the payments that no invoice holds."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.companies.models import BankAccount
from apps.core import clock
from apps.invoices.models import Invoice
from apps.invoices.services.intake import Upload, receive_invoice
from apps.reconciliation.models import Allocation, LooseMoney, MatchingChoice, RuledOut
from apps.statements.models import Movement
from apps.tokens.models import SoftwareKey
from tests.factories.movements import book, draft
from tests.factories.wire import make_document
from tests.portal.world import LANGUAGES, World, signed_in

# An account that has not paid for anybody yet.
PAYER = "BE62510007547061"
Pay = Callable[..., Movement]


@pytest.fixture
def pay(world: World, now: datetime, run_reactions: Callable[[], int]) -> Pay:
    """Return a function by which a payment comes that names no invoice."""
    account = BankAccount.objects.get(company=world.company)

    def paying(*amounts: str, name: str = "Klant NV", iban: str = PAYER) -> Movement:
        drafts = [draft(amount, name, counterparty_iban=iban, communication="dank u") for amount in amounts]
        movements = book(now, account, *drafts)
        run_reactions()
        return movements[0]

    return paying


@pytest.fixture
def bill(world: World, now: datetime, run_reactions: Callable[[], int]) -> Callable[..., Invoice]:
    """Return a function that sends a further invoice of the company."""

    def billing(number: str, price: str = "1000.00", customer: str = "Klant NV") -> Invoice:
        document = make_document(world.company, number=number, price=price, reference=None, customer=customer)
        software = SoftwareKey.objects.get().software
        upload = Upload(company=world.company, software=software, document=document, pdf=None)
        invoice = receive_invoice(upload=upload, actor="t", now=now).invoice
        run_reactions()
        return invoice

    return billing


@pytest.fixture
def owner(world: World) -> Client:
    return signed_in(world.owner)


def home(world: World) -> str:
    return f"/companies/{world.company.uuid}/"


def work_list(world: World) -> str:
    return f"{home(world)}money/loose/"


def picks(html: str) -> list[str]:
    """Return what the first buttons of the payments confirm."""
    return re.findall(r'name="confirm" value="([^"]+)" data-key-confirm', html)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


def test_a_suggestion_is_confirmed_with_its_reasons_in_sight_and_undone(world: World, owner: Client, pay: Pay) -> None:
    pay("1210.00")
    page = owner.get(work_list(world)).content.decode()

    told = owner.post(work_list(world), {"confirm": picks(page)[0]}, follow=True).content.decode()
    world.open.refresh_from_db()
    paid = world.open.payment_state
    owner.post(f"{home(world)}money/decisions/undo/", {"allocation": re.findall(r'"allocation" value="([^"]+)"', told)})
    world.open.refresh_from_db()

    assert "De betaler, Klant NV, heeft de naam van de klant." in text_of(page)
    assert "2026-0050" in text_of(told)
    assert (paid, world.open.payment_state) == ("paid", "open")
    assert LooseMoney.objects.get().amount == Decimal(1210)


def test_sent_twice_counts_once_and_the_first_can_still_be_undone(world: World, owner: Client, pay: Pay) -> None:
    pay("1210.00")
    pick = picks(owner.get(work_list(world)).content.decode())[0]

    owner.post(work_list(world), {"confirm": pick})
    told = owner.post(work_list(world), {"confirm": pick}, follow=True).content.decode()

    assert Allocation.objects.filter(rule="person").count() == 1
    assert 'name="allocation"' in told
    assert "Van deze betaling is niets meer toe te wijzen" in text_of(told)


def test_many_are_confirmed_at_once_and_one_that_fails_leaves_the_others_done(
    world: World, owner: Client, pay: Pay, bill: Callable[..., Invoice]
) -> None:
    bill("2026-0051", price="500.00", customer="Drukkerij De Pauw")
    pay("1210.00")
    pay("605.00", name="Drukkerij De Pauw", iban="BE68539007547034")
    chosen = picks(owner.get(work_list(world)).content.decode())
    stale = chosen[0].replace(" 605.000 ", " 604.000 ")

    told = owner.post(work_list(world), {"chosen": [stale, chosen[1]], "action": "confirm"}, follow=True)

    assert stale != chosen[0]
    assert "1 van 2 betalingen toegewezen" in text_of(told.content.decode())
    assert "Intussen is" in text_of(told.content.decode())
    assert list(LooseMoney.objects.values_list("amount", flat=True)) == [Decimal(605)]


def test_what_no_page_offered_changes_nothing(world: World, owner: Client, pay: Pay) -> None:
    movement = pay("1210.00")
    amounts = [f"{movement.uuid} 1210 {world.open.uuid}={amount}" for amount in ("NaN", "-5", "1e30", "0", "Infinity")]
    sent: list[dict[str, str]] = [{"confirm": text} for text in ["x", "a b c=d", f"{movement.uuid} 1210", *amounts]]

    for each in [{}, *sent, {"chosen": "1"}, {"never": "x"}, {"never": "1 2"}]:
        assert owner.post(work_list(world), each).status_code == 302

    assert owner.get(work_list(world)).status_code == 200
    assert not Allocation.objects.filter(rule="person").exists()


def test_a_payer_that_is_ruled_out_is_not_suggested_until_it_is_allowed_again(
    world: World, owner: Client, pay: Pay
) -> None:
    movement = pay("1210.00")

    owner.post(work_list(world), {"never": f"{movement.uuid} {world.open.uuid}"})
    without = owner.get(work_list(world)).content.decode()
    settings = owner.get(f"{home(world)}matching/").content.decode()
    owner.post(f"{home(world)}matching/", {"allow": str(RuledOut.objects.get().uuid)})

    assert picks(without) == []
    # Nothing can be chosen, so that the script has nothing to count, and the keys go on.
    assert ("data-list-form" in without, "data-worklist" in without) == (False, True)
    assert "BE62 5100 0754 7061" in settings.replace("\u00a0", " ")
    assert len(picks(owner.get(work_list(world)).content.decode())) == 1


def test_a_payment_is_split_over_invoices_and_the_rest_stays_loose(
    world: World, owner: Client, pay: Pay, bill: Callable[..., Invoice]
) -> None:
    other, movement = bill("2026-0051", price="100.00", customer="Ander BV"), pay("1210.00")
    page = f"{work_list(world)}{movement.uuid}/"
    prefilled = owner.get(page).content.decode()
    found = owner.post(page, {"find": "yes", "q": "ander", "seen": "1210"}).content.decode()
    parts = {f"amount-{world.open.uuid}": "1.000,00", f"amount-{other.uuid}": "121"}

    told = owner.post(page, {**parts, "seen": "1210.000", "assign": "yes"}, follow=True).content.decode()

    assert 'value="1.210,00"' in prefilled
    assert "2026-0051" in found
    assert "€ 89,00 blijft nog toe te wijzen" in text_of(told)
    assert sorted(Allocation.objects.filter(rule="person").values_list("amount", flat=True)) == [121, 1000]
    other.refresh_from_db()
    world.open.refresh_from_db()
    assert (other.payment_state, world.open.payment_state) == ("paid", "partially_paid")


def test_what_is_wrong_with_an_amount_is_said_beside_it(world: World, owner: Client, pay: Pay) -> None:
    page = f"{work_list(world)}{pay('2000.00').uuid}/"
    sent = {"seen": "2000.000", "assign": "yes"}

    for amount, said in (
        ("1210,01", "Er staat maar € 1.210,00 open."),
        ("veel", "Dit is geen bedrag."),
        ("", "Vul bij minstens één factuur een bedrag in."),
    ):
        answer = owner.post(page, {**sent, f"amount-{world.open.uuid}": amount})
        assert said in text_of(answer.content.decode())

    assert not Allocation.objects.filter(rule="person").exists()


def test_more_than_is_loose_or_was_seen_is_refused(
    world: World, owner: Client, pay: Pay, bill: Callable[..., Invoice]
) -> None:
    other, movement = bill("2026-0051"), pay("1300.00")
    page, whole = f"{work_list(world)}{movement.uuid}/", {f"amount-{world.open.uuid}": "1210", "assign": "yes"}

    beyond = owner.post(page, {**whole, f"amount-{other.uuid}": "100", "seen": "1300"}).content.decode()
    unseen = [owner.post(page, {**whole, "seen": seen}).content.decode() for seen in ("1200", "x", "")]

    assert "€ 10,00 te veel" in text_of(beyond)
    assert all("Intussen is" in text_of(html) for html in unseen)
    assert not Allocation.objects.filter(rule="person").exists()


def test_decisions_of_rules_are_listed_and_undone_once(world: World, owner: Client) -> None:
    page = f"{home(world)}money/decisions/"
    given = Allocation.objects.get(invoice=world.paid)

    listed = text_of(owner.get(page).content.decode())
    told = [
        text_of(owner.post(f"{page}undo/", {"allocation": str(given.uuid)}, follow=True).content.decode())
        for _time in range(2)
    ]

    assert "2026-0117 Klant NV Klant NV 24 nov 2026 Gestructureerde mededeling € 1.210,00 Ongedaan maken" in listed
    assert "1 toewijzing is ongedaan gemaakt" in told[0]
    assert "Dit was al ongedaan gemaakt" in told[1]


def test_a_company_lets_a_reused_reference_pay_the_oldest_first(world: World, owner: Client) -> None:
    page = f"{home(world)}matching/"

    owner.post(page, {"oldest_first": "on"})
    chosen = MatchingChoice.objects.get().pays_oldest_first
    shown = owner.get(page).content.decode()
    owner.post(page, {})

    assert chosen
    assert re.search(r'name="oldest_first"[^>]* checked', shown)
    assert not MatchingChoice.objects.get().pays_oldest_first


def test_what_is_paid_late_partly_paid_and_loose_is_added_up(
    world: World, owner: Client, pay: Pay, bill: Callable[..., Invoice]
) -> None:
    late = bill("2026-0051", price="100.00", customer="Ander BV")
    Invoice.objects.filter(pk=late.pk).update(due_date=clock.today() - timedelta(days=31))
    pay("300.00", name="Iemand Anders", iban="")

    text = text_of(owner.get(f"{home(world)}money/").content.decode())

    assert "Nog € 1.331,00 te ontvangen, waarvan € 121,00 te laat" in text
    assert "31 tot 60 dagen te laat 1 € 121,00" in text
    assert "Nog niet vervallen 1 € 1.210,00" in text
    assert "Betalingen zonder factuur € 300,00 1 betaling" in text


def test_pages_take_the_same_queries_whatever_the_number_of_payments(world: World, owner: Client, pay: Pay) -> None:
    counts = []
    for amounts in (["1210.00"], ["1210.00"] * 21):
        pay(*amounts)
        with CaptureQueriesContext(connection) as captured:
            page = owner.get(work_list(world)).content.decode()
        counts.append(len(captured))
    following = re.search(r'href="\?after=([^"]+)" rel="next"', page)

    assert following
    assert len(picks(page)) == 20
    assert len(picks(owner.get(f"{work_list(world)}?after={following[1]}").content.decode())) == 2
    assert counts[0] == counts[1]


def test_the_pages_are_in_the_readers_language(world: World, owner: Client, pay: Pay) -> None:
    pay("1210.00")
    confirm = {"nl": "Bevestigen", "fr": "Confirmer", "en": "Confirm", "de": "Bestätigen"}

    for language in LANGUAGES:
        owner.post("/language/", {"language": language, "next": "/"})
        assert confirm[language] in text_of(owner.get(work_list(world)).content.decode())


def test_nobody_else_sees_or_decides_anything(world: World, pay: Pay) -> None:
    movement = pay("1210.00")
    pick = f"{movement.uuid} 1210 {world.open.uuid}=1210"

    for person in (world.accountant, world.stranger):
        browser = signed_in(person)
        assert browser.post(work_list(world), {"confirm": pick}).status_code == 404
        assert browser.get(f"{work_list(world)}{movement.uuid}/").status_code == 404
        given = Allocation.objects.get(invoice=world.paid).uuid
        assert browser.post(f"{home(world)}money/decisions/undo/", {"allocation": str(given)}).status_code == 404
        assert browser.post(f"{home(world)}matching/", {"oldest_first": "on"}).status_code == 404
    assert not Allocation.objects.exclude(rule="structured_communication").exists()
    assert not MatchingChoice.objects.exists()
