"""An invoice of whose day no office is known waits, and is delivered by itself once one is: once, and only there."""

from datetime import date, timedelta

import pytest

from apps.accounting_offices.imports import create_client_import
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.rules import LinkState
from apps.accounting_offices.services import end_client_link, start_client_link
from apps.accounting_offices.transfers import claim_client
from apps.delivery.models import Delivery, FeedEntry
from apps.delivery.waiting import deliver_waiting_of_company
from apps.events.models import Event
from apps.invoices.models import Invoice
from tests.delivery.conftest import Firm
from tests.factories import registry
from tests.factories.destinations import make_mailbox

SUMMER, AUTUMN = date(2026, 7, 1), date(2026, 10, 1)


@pytest.fixture
def waiting(firm: Firm) -> list[Invoice]:
    ClientLink.objects.filter(company=firm.company).update(starts_on=date(2026, 11, 1))
    days = {"1": SUMMER, "2": AUTUMN, "3": date(2026, 10, 2)}
    sent = [firm.send_invoice(number, issue_date=day) for number, day in days.items()]
    assert not Delivery.objects.exists()
    return sent


def in_inbox(office: AccountingOffice) -> set[str]:
    return set(Invoice.objects.filter(office=office, delivered_at__isnull=False).values_list("number", flat=True))


@pytest.fixture
def former(firm: Firm) -> AccountingOffice:
    return registry.make_office(firm.now, name="Vorig kantoor")


def test_a_link_that_is_made_brings_what_waited_for_its_days(
    firm: Firm, waiting: list[Invoice], former: AccountingOffice
) -> None:
    destination = make_mailbox(firm.now, former)
    ClientLink.objects.create(
        company=firm.company, office=former, state=LinkState.ENDED, claimed_at=firm.now, starts_on=AUTUMN,
        ends_on=date(2026, 11, 1),
    )  # fmt: skip

    made = deliver_waiting_of_company(company_uuid=firm.company.uuid, now=firm.now)
    again = deliver_waiting_of_company(company_uuid=firm.company.uuid, now=firm.now)

    assert (in_inbox(former), in_inbox(firm.office)) == ({"2", "3"}, set())
    assert (made, again) == (6, 0)
    assert Delivery.objects.filter(destination=destination).count() == 2
    assert FeedEntry.objects.filter(feed__office=former).count() == 2
    assert Event.objects.filter(name="invoice.delivered", subject_uuid=waiting[1].uuid).count() == 2


def test_the_reaction_to_a_transfer_does_it(firm: Firm, waiting: list[Invoice], former: AccountingOffice) -> None:
    company = registry.make_company(firm.now, name="Zonder kantoor")
    Invoice.objects.filter(company=firm.company).update(company=company)

    claim_client(
        office_uuid=former.uuid, enterprise_number=company.enterprise_number, client_code="", actor="t", now=firm.now,
        starts_on=AUTUMN,
    )  # fmt: skip
    firm.run_reactions()

    assert in_inbox(former) == {"2", "3"}


def test_the_reaction_to_an_import_of_clients_does_it(
    firm: Firm, waiting: list[Invoice], former: AccountingOffice
) -> None:
    company = registry.make_company(firm.now, name="Zonder kantoor")
    Invoice.objects.filter(company=firm.company).update(company=company)
    line = f"{company.enterprise_number};{company.name};01/10/2026".encode()

    create_client_import(
        office_uuid=former.uuid, content=b"btw;naam;vanaf\r\n" + line, is_dry_run=False, actor="t", now=firm.now,
        mapping={"enterprise_number": "btw", "name": "naam", "starts_on": "vanaf"},
    )  # fmt: skip
    firm.run_reactions()

    assert in_inbox(former) == {"2", "3"}


def test_what_was_delivered_stays_with_the_office_that_has_it(firm: Firm, former: AccountingOffice) -> None:
    invoice = firm.send_invoice()
    link = ClientLink.objects.get(company=firm.company)
    end_client_link(link_uuid=link.uuid, ends_on=invoice.issue_date - timedelta(days=1), actor="t", now=firm.now)
    start_client_link(
        company_uuid=firm.company.uuid, office_uuid=former.uuid, client_code="", actor="t", now=firm.now,
        starts_on=invoice.issue_date - timedelta(days=1),
    )  # fmt: skip

    firm.run_reactions()

    assert (in_inbox(firm.office), in_inbox(former)) == ({invoice.number}, set())
