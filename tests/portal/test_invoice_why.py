"""Why an invoice is still open and how it was paid, as its company and its office see it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from apps.accounting_offices.models import Mandate
from apps.companies.models import BankAccount
from apps.invoices.models import Invoice
from apps.invoices.services.intake import Upload, receive_invoice
from apps.reconciliation.decisions import undo_allocation
from apps.reconciliation.models import Allocation
from apps.statements.models import Movement
from tests.factories.movements import book, draft
from tests.factories.wire import credit, make_document
from tests.portal.test_pages import text_of
from tests.portal.world import World, invoice_address, invoice_reader, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(world: World, now: datetime, run_reactions: Callable[[], int]) -> Callable[..., None]:
    """Return a function that brings money on the company's account and lets everything follow."""

    def banking(*drafts: object) -> None:
        book(now, BankAccount.objects.get(company=world.company), *drafts)  # type: ignore[arg-type]
        run_reactions()

    return banking


def page_of(world: World, invoice: Invoice, reader: str = "company", **headers: str) -> str:
    address = invoice_address(world, invoice, reader) + "payments/"
    answer = invoice_reader(world, reader).get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("reader", ["company", "office"])
def test_an_open_invoice_tells_why_and_what_could_pay_it(world: World, bank: Callable[..., None], reader: str) -> None:
    bank(draft("1210.00", "KLANT NV"))

    text = text_of(page_of(world, world.open, reader))

    assert "Waarom staat dit nog open?" in text
    assert "De betaling van € 1.210,00 door KLANT NV op 24 nov 2026 heeft de naam van de klant en het juiste" in text
    assert "Wat ze kan betalen 24 nov 2026, KLANT NV € 1.210,00" in text
    assert "Klopt: € 1.210,00 is precies wat openstaat." in text
    assert "Klopt niet: Het factuurnummer 2026-0050 staat niet in de tekst." in text


def test_a_paid_invoice_tells_how_with_its_rule_its_difference_and_by_whom(
    world: World, now: datetime, bank: Callable[..., None]
) -> None:
    undo_allocation(company=world.company, allocation_uuid=Allocation.objects.get().uuid, actor="user:an", now=now)
    bank(credit("1209.97"))

    text = text_of(page_of(world, world.paid))

    assert "Hoe ze betaald is" in text
    assert "De betaling van € 1.209,97 door Klant NV op 24 nov 2026 betaalde deze factuur." in text
    assert "Er ontbreekt € 0,03; dat telt als afronding." in text
    assert "werd op 25 nov 2026 door een persoon van deze factuur weggehaald." in text
    assert "Gestructureerde mededeling +++090/9337/55493+++ Verschil: afronding € 0,03 vanzelf, 25 nov 2026" in text
    assert "€ −1.210,00 Ongedaan gemaakt door een persoon" in text


def test_the_page_of_the_invoice_asks_for_the_answer_and_leads_to_it_without_script(
    world: World, bank: Callable[..., None]
) -> None:
    bank(draft("1210.00", "KLANT NV"))
    address = f"/companies/{world.company.uuid}/invoices/{world.open.uuid}/payments/"

    page = signed_in(world.owner).get(address.removesuffix("payments/")).content.decode()
    part = page_of(world, world.open, **{"HX-Request": "true"})

    assert f'id="why" hx-get="{address}"' in page
    assert f'<a href="{address}">' in page
    assert part.startswith('<section class="panel" id="why">')
    assert "Bekijk de betaling die ervoor kan zijn" in text_of(part)


def test_an_office_is_told_of_no_money_in_statements_that_it_may_not_see(
    world: World, bank: Callable[..., None]
) -> None:
    bank(draft("1210.00", "KLANT NV"))
    Mandate.objects.all().delete()

    text = text_of(page_of(world, world.open, "office"))

    assert "KLANT NV" not in text
    assert "KLANT NV" in text_of(page_of(world, world.open))


def test_a_payment_of_several_says_how_much_is_for_this_one(world: World, bank: Callable[..., None]) -> None:
    bank(replace(draft("2000.00", "KLANT NV"), communication="2026-0050"))

    text = text_of(page_of(world, world.open))

    assert "€ 1.210,00 voor deze factuur" in text
    assert world.open.payable_amount == Decimal(1210)


def test_a_company_sets_a_credit_note_off_and_takes_it_off_again(
    world: World, now: datetime, run_reactions: Callable[[], int]
) -> None:
    document = make_document(world.company, number="C-1", price="100.00", reference=None, credit_note=True)
    upload = Upload(company=world.company, software=world.open.software, document=document, pdf=None)
    receive_invoice(upload=upload, actor="t", now=now)
    run_reactions()
    note = Invoice.objects.get(number="C-1")
    address = f"/companies/{world.company.uuid}/invoices/{world.open.uuid}/set-off/{note.uuid}/"
    offered = text_of(page_of(world, world.open))
    browser = signed_in(world.owner)

    done = text_of(browser.post(address, follow=True).content.decode())
    again = text_of(browser.post(address, {"undo": "yes"}, follow=True).content.decode())

    assert "Creditnota C-1 is voor deze klant en vermeldt geen factuur" in offered
    assert "Creditnota C-1 is verrekend met 2026-0050." in done
    assert "Creditnota C-1 nam € 121,00 weg." in done
    assert "C-1 € 121,00 verrekend · " in done
    assert "Creditnota C-1 is niet meer verrekend met 2026-0050." in again
    assert signed_in(world.accountant).post(address).status_code == 404
    assert text_of(page_of(world, note)).count("Een creditnota staat open tot ze met een factuur verrekend") == 1


def test_a_company_says_that_a_payment_went_back(world: World, bank: Callable[..., None]) -> None:
    bank(replace(credit("-1210.00", ""), transaction_code="00101000"))
    paid = Allocation.objects.get().movement
    debit = Movement.objects.get(amount__lt=0)
    address = f"/companies/{world.company.uuid}/invoices/{world.paid.uuid}/returned/{debit.uuid}/"
    offered = text_of(page_of(world, world.paid))
    browser = signed_in(world.owner)

    refused = text_of(browser.post(address, {"payment": "x"}, follow=True).content.decode())
    done = text_of(browser.post(address, {"payment": str(paid.uuid)}, follow=True).content.decode())

    assert "Ging dit terug? 24 nov 2026, Klant NV € −1.210,00" in offered
    assert "Deze betaling werd daarmee niet teruggenomen" in refused
    assert "De betaling is van 2026-0117 afgehaald." in done
    assert "Waarom staat dit nog open?" in done
    assert signed_in(world.accountant).post(address).status_code == 404
