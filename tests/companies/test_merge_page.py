"""Staff see what a merge would do, confirm it by typing the number that ends, and are told what stands in the way."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from apps.companies.models import Company, CompanyNumber
from apps.core.identifiers import format_enterprise_number
from apps.events.models import Event
from tests.factories import registry
from tests.factories.mergers import Twins, fill, make_twins, merge

pytestmark = pytest.mark.django_db
LIST = "admin:companies_company_changelist"


@pytest.fixture
def staff() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(registry.make_user("staff@example.be", is_staff=True, language="en"))
    return client


@pytest.fixture
def survivor(now: datetime) -> Company:
    return registry.make_company(now, name="Blijft")


@pytest.fixture
def absorbed(now: datetime) -> Company:
    return registry.make_company(now, name="Eindigt")


def page(absorbed: Company, survivor: Company | None = None) -> str:
    address = reverse("admin:companies_company_merge", args=[absorbed.pk])
    return f"{address}?number={format_enterprise_number(survivor.enterprise_number)}" if survivor else address


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_action_leads_to_the_page_for_exactly_one_company(
    staff: Client, survivor: Company, absorbed: Company
) -> None:
    one = staff.post(reverse(LIST), {"action": "merge", "_selected_action": [absorbed.pk]})
    two = staff.post(reverse(LIST), {"action": "merge", "_selected_action": [absorbed.pk, survivor.pk]}, follow=True)

    assert one.headers["Location"] == page(absorbed)
    assert "Choose one company" in two.content.decode()
    assert "which one goes on" in text(staff, page(absorbed)).lower()


def test_the_preview_names_both_says_what_moves_and_that_it_is_for_good(
    staff: Client, survivor: Company, absorbed: Company
) -> None:
    shown = text(staff, page(absorbed, survivor))

    assert str(survivor) in shown
    assert str(absorbed) in shown
    assert "cannot be undone" in shown
    assert "Contact e-mails" in shown
    assert format_enterprise_number(absorbed.enterprise_number) in shown
    assert not Company.objects.filter(state="merged").exists()


@pytest.mark.parametrize("typed", ["", "of the survivor", "0123456748"])
def test_without_the_right_number_typed_nothing_happens(
    staff: Client, survivor: Company, absorbed: Company, typed: str
) -> None:
    number = survivor.enterprise_number if typed == "of the survivor" else typed

    answer = staff.post(page(absorbed, survivor), {"valid_until": "2026-11-20", "confirmation": number})

    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Company.objects.filter(state="merged").exists()
    assert not Event.objects.filter(name="company.merged").exists()


def test_with_the_number_typed_in_any_spelling_the_two_become_one(
    staff: Client, survivor: Company, absorbed: Company
) -> None:
    confirmation = f"BE {format_enterprise_number(absorbed.enterprise_number)}"

    answer = staff.post(
        page(absorbed, survivor), {"valid_until": "2026-11-20", "confirmation": confirmation}, follow=True
    )

    assert "is now part of" in answer.content.decode()
    assert Company.objects.get(pk=absorbed.pk).merged_into == survivor
    assert CompanyNumber.objects.get().valid_until == date(2026, 11, 20)
    assert Event.objects.get(name="company.merged").actor.startswith("staff:")
    listed = staff.get(reverse(LIST)).content.decode()
    assert str(survivor) in listed
    assert "company.merged" in text(staff, reverse("admin:companies_company_change", args=[survivor.pk]))


def test_invoices_in_both_are_named_and_merging_waits_for_a_decision(
    now: datetime, staff: Client, run_reactions: Callable[[], int]
) -> None:
    twins: Twins = make_twins(now)
    for side in (twins.survivor, twins.absorbed):
        fill(side, now, run_reactions, number="2026-77", statement=1)
    address = page(twins.absorbed.company, twins.survivor.company)
    form = {"valid_until": "2026-11-20", "confirmation": twins.absorbed.company.enterprise_number}

    shown = text(staff, address)
    refused = staff.post(address, form)
    still = Company.objects.filter(state="merged").exists()
    staff.post(address, form | {"leaves_copies": "on"})

    assert "2026-77" in shown
    assert "cannot be merged yet" in refused.content.decode()
    assert not still
    assert Company.objects.get(state="merged") == twins.absorbed.company


def test_what_cannot_be_merged_is_said_beside_the_number(
    now: datetime, staff: Client, survivor: Company, absorbed: Company
) -> None:
    unknown = text(staff, page(absorbed) + f"?number={registry.enterprise_number()}")
    impossible = text(staff, page(absorbed) + "?number=0123456748")
    itself = text(staff, page(absorbed, absorbed))
    merge(now, survivor, absorbed)
    ended = text(staff, page(absorbed, registry.make_company(now)))

    assert "No company has this number" in unknown
    assert "not a possible" in impossible
    assert "the same company" in itself
    assert "was merged into" in ended
    assert staff.get(reverse("admin:companies_company_merge", args=[10**9])).status_code == 404


def test_a_correction_to_the_number_of_another_company_leads_to_the_merge(
    staff: Client, survivor: Company, absorbed: Company
) -> None:
    form = {"action": "correct_number", "_selected_action": [absorbed.pk], "valid_from": "2026-11-20"}

    answer = staff.post(reverse(LIST), form | {"new_number": survivor.enterprise_number}, follow=True)

    assert f"{page(absorbed)}?number={survivor.enterprise_number}" in answer.content.decode()
    absorbed.refresh_from_db()
    assert absorbed.enterprise_number != survivor.enterprise_number


def test_a_merged_company_is_not_offered_where_one_is_chosen(
    now: datetime, staff: Client, survivor: Company, absorbed: Company
) -> None:
    merge(now, survivor, absorbed)
    add = reverse("admin:companies_contactemail_add")
    query = {"app_label": "companies", "model_name": "contactemail", "field_name": "company", "term": "ei"}

    offered = staff.get(reverse("admin:autocomplete"), query).json()["results"]
    refused = staff.post(add, {"company": absorbed.pk, "address": "a@example.be"})

    assert offered == []
    assert refused.status_code == 200
    survivor.refresh_from_db()
    assert survivor.contact_email.address == "zaak@example.be"
    history = reverse("admin:companies_contactemail_change", args=[absorbed.contact_email.pk])
    assert staff.post(history, {"company": absorbed.pk, "address": "a@example.be"}).status_code == 403


def test_people_who_are_not_staff_do_not_get_to_the_page(now: datetime, survivor: Company, absorbed: Company) -> None:
    person, nobody = Client(), Client()
    user = registry.make_user("an@example.be")
    registry.make_member(now, user, company=absorbed)
    person.force_login(user)
    form = {"valid_until": "2026-11-20", "confirmation": absorbed.enterprise_number}

    for client in (person, nobody):
        assert client.get(page(absorbed, survivor)).status_code == 302
        assert client.post(page(absorbed, survivor), form).status_code == 302
    assert not Company.objects.filter(state="merged").exists()
