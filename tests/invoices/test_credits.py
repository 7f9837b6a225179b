"""A credit note finds the invoice that it is about, whichever came first."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from apps.companies.models import Company
from apps.events.models import Event
from apps.invoices.models import Invoice
from tests.factories import registry
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(company: Company, software: Software, run_reactions: Callable[[], int]) -> Callable[..., None]:
    def send(number: str, **facts: object) -> None:
        assert software.upload(make_document(company, number=number, **facts)).status_code == 201  # type: ignore[arg-type]
        run_reactions()

    return send


def credited(number: str = "C-1") -> str | None:
    note = Invoice.objects.select_related("credits").get(number=number)
    return note.credits.number if note.credits else None


def names_of_links() -> list[str]:
    return list(Event.objects.filter(name__startswith="credit_note.").order_by("id").values_list("name", flat=True))


@pytest.mark.parametrize("first", ["invoice", "note"])
def test_a_credit_note_finds_its_invoice_in_either_order(first: str, send: Callable[..., None]) -> None:
    steps = [("2026-0117", {}), ("C-1", {"credit_note": True, "about": "2026-0117"})]

    for number, facts in steps if first == "invoice" else reversed(steps):
        send(number, **facts)

    assert credited() == "2026-0117"
    assert list(Invoice.objects.get(number="2026-0117").credit_notes.values_list("number", flat=True)) == ["C-1"]
    assert names_of_links() == ["credit_note.linked"]


def test_a_number_that_no_or_two_invoices_have_links_nothing(send: Callable[..., None]) -> None:
    send("C-1", credit_note=True, about="2026-0117")
    without = credited()
    send("2026-0117")
    one = credited()
    send("2026-0117", issue_date=date(2025, 12, 19))

    assert (without, one, credited()) == (None, "2026-0117", None)
    assert names_of_links() == ["credit_note.linked", "credit_note.unlinked"]


def test_a_credit_note_that_names_nothing_stays_alone(send: Callable[..., None]) -> None:
    send("2026-0117")
    send("C-1", credit_note=True)

    assert credited() is None
    assert names_of_links() == []


def test_a_correction_of_the_credit_note_links_it_anew(send: Callable[..., None]) -> None:
    send("2026-0117")
    send("2026-0118")
    send("C-1", credit_note=True, about="2026-0117")

    send("C-1", credit_note=True, about="2026-0118")

    assert credited() == "2026-0118"


def test_another_companys_invoice_is_not_credited(now: datetime, send: Callable[..., None]) -> None:
    other = registry.make_company(now, office=registry.make_office(now, name="Kantoor Z"))
    Software.of(registry.connect(now, other, registry.make_software(now, slug="onfact"))).upload(
        make_document(other, number="2026-0117")
    )

    send("C-1", credit_note=True, about="2026-0117")

    assert credited() is None
