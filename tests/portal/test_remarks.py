"""The pages on which an office asks about an invoice, refuses or books it, and its company answers."""

import pytest

from apps.invoices.models import Invoice
from tests.portal.test_pages import text_of
from tests.portal.world import World, signed_in

TEXT = "Voor welke werf is dit?\n<b>"


def address(world: World, rest: str = "", invoice: Invoice | None = None) -> str:
    return f"/offices/{world.office.uuid}/invoices/{(invoice or world.open).uuid}/{rest}"


def accountant_page(world: World) -> str:
    return f"/companies/{world.company.uuid}/invoices/{world.open.uuid}/accountant/"


def test_a_question_goes_to_the_company_and_its_answer_comes_back(world: World) -> None:
    office, company = signed_in(world.accountant), signed_in(world.owner)

    asked = office.post(address(world, "question/"), {"text": TEXT}, follow=True)
    listed = company.get(f"/companies/{world.company.uuid}/invoices/?office=questioned").content.decode()
    shown = company.get(accountant_page(world)).content.decode()
    answered = company.post(accountant_page(world), {"text": "Werf Gent"}, follow=True)
    back = office.get(address(world)).content.decode()
    inbox = office.get(f"/offices/{world.office.uuid}/inbox/?office=questioned").content.decode()

    assert "De vraag is onderweg naar de onderneming." in text_of(asked.content.decode())
    assert f'href="{accountant_page(world)}"' in listed
    assert "Voor welke werf is dit?<br>&lt;b&gt;" in shown
    assert "Uw boekhoudkantoor ziet uw antwoord" in text_of(answered.content.decode())
    assert "Werf Gent" in back
    assert "vraag beantwoord" in back
    assert "vraag open" not in back
    assert "beantwoord" in text_of(inbox)


def test_a_refusal_shows_its_reason_and_what_to_do(world: World) -> None:
    signed_in(world.accountant).post(address(world, "refusal/"), {"text": "Dubbel"})

    page = text_of(signed_in(world.owner).get(accountant_page(world)).content.decode())

    assert "Uw boekhoudkantoor weigerde dit document" in page
    assert "Dubbel" in page
    assert "stuur het opnieuw met hetzelfde nummer" in page
    assert "Verstuur het antwoord" not in page


def test_booking_from_the_page_of_an_invoice(world: World) -> None:
    office = signed_in(world.accountant)

    pages = [text_of(office.post(address(world, "booked/"), follow=True).content.decode()) for _ in range(2)]

    assert "Gemarkeerd als geboekt." in pages[0]
    assert "Ze was al geboekt." in pages[1]
    assert "/question/" not in office.get(address(world)).content.decode()


@pytest.mark.parametrize("kind", ["question", "refusal"])
def test_what_cannot_be_said_is_explained_and_changes_nothing(world: World, kind: str) -> None:
    office = signed_in(world.accountant)

    empty = office.post(address(world, f"{kind}/"), {"text": " "})
    office.post(address(world, "booked/"))
    late = office.post(address(world, f"{kind}/"), {"text": "Te laat gevraagd"})

    assert "Schrijf waarover het gaat." in text_of(empty.content.decode())
    assert "is al geboekt" in text_of(late.content.decode())
    assert "Te laat gevraagd" in late.content.decode(), "what was typed stays"
    world.open.refresh_from_db()
    assert (world.open.office_state, world.open.remarks.count()) == ("booked", 0)


def test_an_answer_that_comes_too_late_says_so(world: World) -> None:
    late = signed_in(world.owner).post(accountant_page(world), {"text": "Hallo"})

    assert late.status_code == 200
    assert not world.open.remarks.exists()


@pytest.mark.parametrize("who", ["stranger", "owner"])
@pytest.mark.parametrize("rest", ["booked/", "question/", "refusal/"])
def test_only_the_office_speaks_for_the_office(world: World, who: str, rest: str) -> None:
    answer = signed_in(getattr(world, who)).post(address(world, rest), {"text": "x"})

    world.open.refresh_from_db()
    assert (answer.status_code, world.open.office_state, world.open.remarks.count()) == (404, "unseen", 0)


@pytest.mark.parametrize("who", ["stranger", "accountant"])
def test_only_the_company_answers(world: World, who: str) -> None:
    signed_in(world.accountant).post(address(world, "question/"), {"text": "x"})

    answer = signed_in(getattr(world, who)).post(accountant_page(world), {"text": "y"})

    assert (answer.status_code, world.open.remarks.count()) == (404, 1)
