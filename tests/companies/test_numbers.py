"""A company's number is corrected, and nothing that hangs on the company is lost."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from apps.companies.models import Company, CompanyNumber
from apps.companies.selectors import find_company, numbers_valid_on
from apps.companies.services import NumberOfOther, add_vat_unit, correct_company_number
from apps.core.identifiers import InvalidEnterpriseNumber, format_enterprise_number
from apps.events.models import Event
from apps.tokens.models import Connection, ConnectionRequest
from apps.tokens.services import requests
from tests.factories import registry
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db
CHANGE = date(2026, 11, 20)
BEFORE = date(2026, 11, 19)


@pytest.fixture
def company(now: datetime) -> Company:
    return registry.make_company(now, office=registry.make_office(now))


def correct(company: Company, number: str, now: datetime, *, valid_from: date = CHANGE) -> Company:
    return correct_company_number(
        company_uuid=company.uuid, enterprise_number=number, valid_from=valid_from, actor="staff:1", now=now
    )


def corrections() -> int:
    return Event.objects.filter(name="company.number_corrected").count()


def test_the_old_number_is_valid_on_documents_before_the_change_and_the_login_stays(
    now: datetime, company: Company, run_reactions: Callable[[], int]
) -> None:
    connected = registry.connect(now, company, registry.make_software(now))
    run_reactions()
    software = Software.of(connected)
    feed = software.feed_id()
    corrected = correct(company, registry.enterprise_number(), now)

    before = software.upload(make_document(company, issue_date=BEFORE))
    after = software.upload(make_document(company, number="2", issue_date=CHANGE))
    with_new = software.upload(make_document(corrected, number="3", issue_date=CHANGE))
    run_reactions()

    assert (before.status_code, after.status_code, with_new.status_code) == (201, 400, 201)
    assert after.json()["code"] == "supplier_mismatch"
    assert software.feed_id() == feed
    assert software.get(f"sales-invoices/{before.json()['id']}/").json()["state"] == "accepted"
    assert software.get("connection/").json()["company"]["enterprise_number"] == f"BE{corrected.enterprise_number}"
    assert Connection.objects.get().state == "active"


def test_any_spelling_is_taken_and_saying_it_again_changes_nothing(now: datetime, company: Company) -> None:
    number = registry.enterprise_number()
    old = company.enterprise_number

    correct(company, f"BE {format_enterprise_number(number)}", now)
    correct(company, number, now, valid_from=BEFORE)

    company.refresh_from_db()
    former = CompanyNumber.objects.get()
    assert company.enterprise_number == number
    assert (former.number, former.kind, former.valid_until) == (old, "former", CHANGE)
    assert Event.objects.get(name="company.number_corrected").payload == {"former_number_id": former.pk}


def test_a_number_corrected_twice_leaves_two_former_ones_and_one_can_come_back(now: datetime, company: Company) -> None:
    first, second = company.enterprise_number, registry.enterprise_number()
    correct(company, second, now, valid_from=BEFORE)
    back = correct(company, first, now)

    assert back.enterprise_number == first
    assert list(CompanyNumber.objects.values_list("number", "valid_until")) == [(second, CHANGE)]
    assert numbers_valid_on(company=back, on=BEFORE) == {first, second}
    assert numbers_valid_on(company=back, on=CHANGE) == {first}


def test_a_number_that_another_company_has_or_had_is_refused_and_leaves_no_trace(
    now: datetime, company: Company
) -> None:
    other = registry.make_company(now, name="Ander")
    had = other.enterprise_number
    has = correct(other, registry.enterprise_number(), now).enterprise_number
    number = company.enterprise_number

    for taken in (had, has):
        with pytest.raises(NumberOfOther) as refused:
            correct(company, taken, now)
        assert refused.value.code == "number_of_other_company"

    company.refresh_from_db()
    assert company.enterprise_number == number
    assert not company.further_numbers.exists()
    assert corrections() == 1


def test_a_number_with_wrong_check_digits_is_refused_and_leaves_no_trace(now: datetime, company: Company) -> None:
    with pytest.raises(InvalidEnterpriseNumber):
        correct(company, "0123456748", now)

    assert not CompanyNumber.objects.exists()
    assert corrections() == 0


def test_a_request_with_a_former_number_finds_the_company_and_is_its_one_request(
    now: datetime, company: Company
) -> None:
    key = registry.make_software(now)
    old = company.enterprise_number
    corrected = correct(company, registry.enterprise_number(), now)

    by_old = requests.request_connection(software=key.software, vat=old, actor="t", now=now)
    by_new = requests.request_connection(software=key.software, vat=corrected.enterprise_number, actor="t", now=now)

    assert by_old.token
    assert by_new.token
    request = ConnectionRequest.objects.get()
    assert (request.company, request.enterprise_number) == (company, corrected.enterprise_number)


def test_a_request_made_before_the_change_stays_the_one_that_is_asked_for_after_it(
    now: datetime, company: Company
) -> None:
    key = registry.make_software(now)
    requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    corrected = correct(company, registry.enterprise_number(), now)

    requests.request_connection(software=key.software, vat=corrected.enterprise_number, actor="t", now=now)

    assert ConnectionRequest.objects.count() == 1


def test_a_former_number_that_became_another_companys_finds_that_one(now: datetime, company: Company) -> None:
    from apps.companies.services import register_company

    old = company.enterprise_number
    correct(company, registry.enterprise_number(), now)
    owner = register_company(enterprise_number=old, name="Eigenaar", language="nl", actor="t", now=now)

    assert find_company(enterprise_number=old) == owner


def test_a_request_that_waited_for_the_right_number_goes_on_after_the_correction(
    now: datetime, company: Company, run_reactions: Callable[[], int], mailoutbox: list[object]
) -> None:
    key = registry.make_software(now)
    number = registry.enterprise_number()
    refused = requests.request_connection(software=key.software, vat=number, actor="t", now=now)

    correct(company, number, now)
    run_reactions()

    assert refused.refusal_code == "enterprise_unknown"
    assert len(mailoutbox) == 1
    assert ConnectionRequest.objects.get().state == "token_sent"


def test_the_number_of_a_vat_unit_is_valid_on_every_day_and_shared_by_its_members(
    now: datetime, company: Company
) -> None:
    unit, other = registry.enterprise_number(), registry.make_company(now)

    for member in (company, company, other):
        add_vat_unit(company_uuid=member.uuid, number=unit, actor="t", now=now)
    same = add_vat_unit(company_uuid=company.uuid, number=company.enterprise_number, actor="t", now=now)
    with pytest.raises(NumberOfOther):
        add_vat_unit(company_uuid=company.uuid, number=other.enterprise_number, actor="t", now=now)

    assert same is None
    assert unit in numbers_valid_on(company=company, on=BEFORE)
    assert find_company(enterprise_number=unit) is None
    assert Event.objects.filter(name="company.vat_unit_added").count() == 2


@pytest.mark.parametrize(
    ("number", "valid_from", "is_corrected"),
    [("", "2026-11-20", False), ("0123456748", "2026-11-20", False), (None, "soon", False), (None, "2026-11-20", True)],
)
def test_staff_correct_a_number_through_an_action(
    company: Company, number: str | None, valid_from: str, is_corrected: bool
) -> None:
    staff = Client()
    staff.force_login(registry.make_user("staff@example.be", is_staff=True))
    new_number = registry.enterprise_number() if number is None else number
    form = {"action": "correct_number", "_selected_action": [company.pk]}

    answer = staff.post(
        reverse("admin:companies_company_changelist"),
        form | {"new_number": new_number, "valid_from": valid_from},
        follow=True,
    )

    company.refresh_from_db()
    assert answer.status_code == 200
    assert (company.enterprise_number == new_number) is is_corrected
    assert corrections() == int(is_corrected)
    assert ("errornote" in answer.content.decode() or 'class="error"' in answer.content.decode()) is not is_corrected


def test_staff_add_the_number_of_a_vat_unit_through_an_action(company: Company) -> None:
    staff = Client()
    staff.force_login(registry.make_user("staff@example.be", is_staff=True))
    form = {"action": "add_vat_unit", "_selected_action": [company.pk], "new_number": registry.enterprise_number()}

    staff.post(reverse("admin:companies_company_changelist"), form)

    assert CompanyNumber.objects.get().kind == "vat_unit"
