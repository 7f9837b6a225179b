"""Two companies become one: each kind of row by its rule, and a refused merge leaves no trace."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounting_offices import services as offices
from apps.accounting_offices.imports import create_client_import, run_client_import
from apps.accounting_offices.models import ClientLink
from apps.accounting_offices.rules import LinkState
from apps.accounting_offices.selectors import list_places, office_in_force, visible_companies
from apps.companies import members, services
from apps.companies.locks import CompanyMerged
from apps.companies.merging.movers import load_movers
from apps.companies.merging.services import MergeConflict, SameCompany, preview_merge
from apps.companies.models import Company, CompanyMember, CompanyNumber, ContactEmail
from apps.companies.rules import CompanyState, ContactState, MemberRole
from apps.companies.selectors import find_company, list_trail, numbers_valid_on
from apps.core.errors import IllegalTransition, NotFound
from apps.core.identifiers import format_enterprise_number
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.users.models import MailedLink
from apps.users.rules import LinkPurpose
from apps.users.services import make_link
from tests.factories import registry
from tests.factories.mergers import Twins, count_rows, fill, make_twins, merge
from tests.factories.wire import make_document

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
BEFORE = date(2026, 11, 24)


@pytest.fixture
def survivor(now: datetime) -> Company:
    return registry.make_company(now, name="Blijft", email=None)


@pytest.fixture
def absorbed(now: datetime) -> Company:
    return registry.make_company(now, name="Eindigt", email=None)


def merges() -> int:
    return Event.objects.filter(name="company.merged").count()


def test_every_table_that_points_to_a_company_has_a_mover() -> None:
    kinds = {model: lookup for mover in load_movers() for model, lookup in mover.kinds.items()}
    pointing = {
        (found.related_model, found.field.name)
        for found in Company._meta.related_objects
        if found.related_model is not Company
    }

    assert [(model, name) for model, name in pointing if kinds.get(model) != name] == []


def test_the_absorbed_company_says_where_it_went_and_its_number_finds_the_survivor(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    merge(now, survivor, absorbed)

    absorbed.refresh_from_db()
    assert (absorbed.state, absorbed.merged_into, absorbed.merged_at) == ("merged", survivor, now)
    former = CompanyNumber.objects.get()
    assert (former.company, former.number, former.valid_until) == (survivor, absorbed.enterprise_number, TODAY)
    assert find_company(enterprise_number=absorbed.enterprise_number) == survivor
    assert absorbed.enterprise_number in numbers_valid_on(company=survivor, on=BEFORE)
    assert absorbed.enterprise_number not in numbers_valid_on(company=survivor, on=TODAY)
    event = Event.objects.get(name="company.merged")
    assert (event.subject_uuid, event.actor) == (survivor.uuid, "staff:1")
    assert event.payload == {"absorbed": str(absorbed.uuid), "valid_until": "2026-11-25", "moved": {}}


def test_merging_twice_changes_nothing_and_the_other_way_round_is_refused(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    merge(now, survivor, absorbed)

    again = merge(now + timedelta(days=1), survivor, absorbed)
    with pytest.raises(CompanyMerged) as refused:
        merge(now, absorbed, survivor)

    assert again == survivor
    assert refused.value.code == "company_merged"
    assert Company.objects.get(pk=absorbed.pk).merged_at == now
    assert CompanyNumber.objects.get().valid_until == TODAY
    assert merges() == 1


def test_a_company_is_not_merged_with_itself_nor_with_nothing(now: datetime, survivor: Company) -> None:
    unknown = Company(name="niemand")

    with pytest.raises(SameCompany):
        merge(now, survivor, survivor)
    with pytest.raises(NotFound):
        merge(now, survivor, unknown)
    with pytest.raises(NotFound):
        preview_merge(surviving_uuid=unknown.uuid, absorbed_uuid=survivor.uuid)

    assert not Company.objects.filter(state="merged").exists()
    assert merges() == 0


def test_a_company_that_absorbed_another_is_absorbed_with_it(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    last = registry.make_company(now, name="Laatste")
    merge(now, survivor, absorbed)
    merge(now, last, survivor)

    absorbed.refresh_from_db()
    assert absorbed.merged_into == last
    for company in (absorbed, survivor):
        assert find_company(enterprise_number=company.enterprise_number) == last


def test_the_survivor_takes_the_absorbed_number_when_that_was_the_right_one(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    old = survivor.enterprise_number
    merge(now, survivor, absorbed)

    corrected = services.correct_company_number(
        company_uuid=survivor.uuid, enterprise_number=absorbed.enterprise_number, valid_from=TODAY, actor="t", now=now
    )

    assert corrected.enterprise_number == absorbed.enterprise_number
    assert list(CompanyNumber.objects.values_list("number", "kind")) == [(old, "former")]
    assert find_company(enterprise_number=absorbed.enterprise_number) == survivor


def test_the_number_of_a_merged_company_is_not_given_to_another_by_a_correction(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    third = registry.make_company(now)
    merge(now, survivor, absorbed)

    with pytest.raises(services.NumberOfOther):
        services.correct_company_number(
            company_uuid=third.uuid, enterprise_number=absorbed.enterprise_number, valid_from=TODAY, actor="t", now=now
        )


def test_the_number_of_a_merged_company_is_not_registered_again(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    merge(now, survivor, absorbed)

    with pytest.raises(services.CompanyExists):
        services.register_company(
            enterprise_number=absorbed.enterprise_number, name="Nog eens", language="nl", actor="t", now=now
        )

    assert find_company(enterprise_number=absorbed.enterprise_number) == survivor
    assert Company.objects.count() == 2


def test_an_import_says_that_the_number_is_a_former_one(now: datetime, survivor: Company, absorbed: Company) -> None:
    office = registry.make_office(now)
    merge(now, survivor, absorbed)
    content = f"number,name\n{absorbed.enterprise_number},Eindigt\n".encode()
    job = create_client_import(
        office_uuid=office.uuid, content=content, mapping={}, is_dry_run=False, actor="t", now=now
    )

    done = run_client_import(job_uuid=job.uuid, read_clock=lambda: now)

    assert done.state == "done"
    assert list(done.problems.values_list("code", flat=True)) == ["number_former"]
    assert not ClientLink.objects.exists()


def test_further_numbers_move_once(now: datetime, survivor: Company, absorbed: Company) -> None:
    shared, own = registry.enterprise_number(), registry.enterprise_number()
    first = absorbed.enterprise_number
    for company, unit in ((survivor, shared), (absorbed, shared), (absorbed, own)):
        services.add_vat_unit(company_uuid=company.uuid, number=unit, actor="t", now=now)
    second = registry.enterprise_number()
    services.correct_company_number(
        company_uuid=absorbed.uuid, enterprise_number=second, valid_from=BEFORE, actor="t", now=now
    )

    merge(now, survivor, absorbed)

    assert set(CompanyNumber.objects.values_list("company", "number", "kind", "valid_until")) == {
        (survivor.pk, shared, "vat_unit", None),
        (survivor.pk, own, "vat_unit", None),
        (survivor.pk, first, "former", BEFORE),
        (survivor.pk, second, "former", TODAY),
    }


def test_a_former_number_that_is_the_survivors_key_needs_no_row(now: datetime, absorbed: Company) -> None:
    old = absorbed.enterprise_number
    new = registry.enterprise_number()
    services.correct_company_number(
        company_uuid=absorbed.uuid, enterprise_number=new, valid_from=BEFORE, actor="t", now=now
    )
    owner = services.register_company(enterprise_number=old, name="Blijft", language="nl", actor="t", now=now)

    merge(now, owner, absorbed)

    assert list(CompanyNumber.objects.values_list("company", "number")) == [(owner.pk, new)]
    assert find_company(enterprise_number=old) == owner


def test_a_number_that_a_third_company_had_stands_in_the_way(now: datetime, survivor: Company) -> None:
    third = registry.make_company(now)
    number = third.enterprise_number
    services.correct_company_number(
        company_uuid=third.uuid, enterprise_number=registry.enterprise_number(), valid_from=BEFORE, actor="t", now=now
    )
    absorbed = services.register_company(enterprise_number=number, name="X", language="nl", actor="t", now=now)

    with pytest.raises(MergeConflict) as refused:
        merge(now, survivor, absorbed)

    assert number in str(refused.value)
    assert not survivor.further_numbers.exists()
    assert merges() == 0


@pytest.mark.parametrize(
    ("own", "other", "stays"),
    [
        (None, "on_file", "other"), ("on_file", None, "own"), ("on_file", "on_file", "own"),
        ("on_file", "verified", "other"), ("verified", "verified", "own"), ("bounced", "on_file", "other"),
        ("bounced", "complained", "own"),
    ],
)  # fmt: skip
def test_the_better_address_stays(
    now: datetime, survivor: Company, absorbed: Company, own: str | None, other: str | None, stays: str
) -> None:
    for company, name, state in ((survivor, "own", own), (absorbed, "other", other)):
        if state:
            services.put_contact_on_file(company_uuid=company.uuid, address=f"{name}@example.be", actor="t", now=now)
            services.set_contact_state(company_uuid=company.uuid, state=ContactState(state), actor="t", now=now)
    before = ContactEmail.objects.count()

    merge(now, survivor, absorbed)

    kept = ContactEmail.objects.get(company=survivor)
    assert kept.address == f"{stays}@example.be"
    assert kept.state == (own if stays == "own" else other)
    assert ContactEmail.objects.count() == before


def test_what_happens_to_an_address_leaves_the_absorbed_companys_copy_alone(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    for company in (survivor, absorbed):
        services.put_contact_on_file(company_uuid=company.uuid, address="zelfde@example.be", actor="t", now=now)
    merge(now, survivor, absorbed)

    moved = services.set_state_of_address(address="zelfde@example.be", state=ContactState.BOUNCED, actor="t", now=now)

    assert moved == 1
    assert ContactEmail.objects.get(company=absorbed).state == "on_file"


def test_members_keep_the_higher_of_their_roles(now: datetime, survivor: Company, absorbed: Company) -> None:
    both, only = registry.make_user("beide@example.be"), registry.make_user("een@example.be")
    earlier = now - timedelta(days=9)
    for company, user, role, since in (
        (survivor, both, MemberRole.MEMBER, now),
        (absorbed, both, MemberRole.OWNER, earlier),
        (absorbed, only, MemberRole.MEMBER, now),
    ):
        members.add_company_member(company_uuid=company.uuid, user=user, role=role, actor="t", now=since)

    merge(now, survivor, absorbed)

    assert set(CompanyMember.objects.values_list("company", "user", "role", "since")) == {
        (survivor.pk, both.pk, "owner", earlier),
        (survivor.pk, only.pk, "member", now),
    }
    assert [place.uuid for place in list_places(viewer=only)] == [survivor.uuid]


def test_a_member_who_follows_an_old_link_sees_the_company_that_goes_on(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    user, stranger = registry.make_user("een@example.be"), registry.make_user("vreemd@example.be")
    registry.make_member(now, user, company=absorbed)
    merge(now, survivor, absorbed)
    client, other = Client(), Client()
    client.force_login(user)
    other.force_login(stranger)

    assert "Blijft" in client.get(f"/companies/{absorbed.uuid}/").content.decode()
    assert other.get(f"/companies/{absorbed.uuid}/").status_code == 404


def link(now: datetime, company: Company, office: Any, starts_on: date, ends_on: date | None = None) -> ClientLink:
    made = offices.start_client_link(
        company_uuid=company.uuid, office_uuid=office.uuid, client_code=office.name, starts_on=starts_on,
        actor="t", now=now,
    )  # fmt: skip
    if ends_on:
        offices.end_client_link(link_uuid=made.uuid, ends_on=ends_on, actor="t", now=now)
    return made


def test_the_survivors_office_keeps_its_days_and_the_other_fills_the_free_ones(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    mine, theirs = registry.make_office(now, name="Mijn"), registry.make_office(now, name="Hun")
    link(now, survivor, mine, date(2022, 1, 1), date(2023, 1, 1))
    link(now, survivor, mine, date(2024, 1, 1), date(2025, 1, 1))
    link(now, absorbed, theirs, date(2020, 1, 1))

    merge(now, survivor, absorbed)

    assert list(
        ClientLink.objects.filter(company=survivor).order_by("starts_on").values_list("office__name", "state")
    ) == [("Hun", "ended"), ("Mijn", "ended"), ("Hun", "ended"), ("Mijn", "ended"), ("Hun", "current")]
    for day, name in (
        (date(2021, 12, 31), "Hun"), (date(2022, 1, 1), "Mijn"), (date(2022, 12, 31), "Mijn"),
        (date(2023, 1, 1), "Hun"), (date(2024, 6, 1), "Mijn"), (date(2025, 1, 1), "Hun"), (TODAY, "Hun"),
    ):  # fmt: skip
        office = office_in_force(company=survivor, on=day)
        assert office is not None
        assert office.name == name
    assert not absorbed.client_links.exists()
    assert Event.objects.filter(name="client_link.merged").count() == 3


def test_a_link_without_a_free_day_ends_and_its_office_sees_the_company_no_more(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    mine, theirs = registry.make_office(now, name="Mijn"), registry.make_office(now, name="Hun")
    accountant = registry.make_user("hun@example.be")
    registry.make_member(now, accountant, office=theirs)
    link(now, survivor, mine, date(2020, 1, 1))
    covered = link(now, absorbed, theirs, date(2021, 1, 1))

    merge(now, survivor, absorbed)

    covered.refresh_from_db()
    assert (covered.company, covered.state, covered.ends_on) == (absorbed, "ended", TODAY)
    assert not visible_companies(viewer=accountant, on=TODAY).exists()
    assert not visible_companies(viewer=accountant, on=BEFORE).exists()


def test_a_claim_moves_unless_the_same_office_has_one(now: datetime, survivor: Company, absorbed: Company) -> None:
    one, two = registry.make_office(now, name="Een"), registry.make_office(now, name="Twee")
    for company, office in ((survivor, one), (absorbed, one), (absorbed, two)):
        ClientLink.objects.create(company=company, office=office, state=LinkState.CLAIMED, claimed_at=now)

    merge(now, survivor, absorbed)

    assert set(ClientLink.objects.values_list("company", "office__name", "state")) == {
        (survivor.pk, "Een", "claimed"),
        (survivor.pk, "Twee", "claimed"),
        (absorbed.pk, "Een", "ended"),
    }


@pytest.fixture
def twins(now: datetime) -> Twins:
    return make_twins(now)


def test_the_preview_counts_what_would_move_and_changes_nothing(
    now: datetime, twins: Twins, run_reactions: Callable[[], int]
) -> None:
    fill(twins.absorbed, now, run_reactions, number="1", statement=1)
    before = Event.objects.count()

    preview = preview_merge(surviving_uuid=twins.survivor.company.uuid, absorbed_uuid=twins.absorbed.company.uuid)

    assert preview.is_possible
    assert {moved.kind: moved.count for moved in preview.moved} == {
        "companies.bankaccount": 1,
        "companies.contactemail": 1,
        "accounting_offices.clientlink": 1,
        "accounting_offices.mandate": 1,
        "tokens.connectionrequest": 1,
        "tokens.accesstoken": 1,
        "tokens.connection": 1,
        "tokens.credential": 1,
        "invoices.invoice": 1,
        "invoices.arrival": 1,
        "statements.statement": 1,
        "statements.movement": 1,
        "reconciliation.loosemoney": 1,
        "delivery.feed": 2,
    }
    assert Event.objects.count() == before
    assert not Company.objects.filter(state="merged").exists()


def test_the_same_invoice_number_in_both_refuses_the_merge_and_leaves_no_trace(
    now: datetime, twins: Twins, run_reactions: Callable[[], int]
) -> None:
    for side in (twins.survivor, twins.absorbed):
        fill(side, now, run_reactions, number="2026-7", statement=1)
    rows, links = count_rows(without=frozenset()), list(ClientLink.objects.values())

    with pytest.raises(MergeConflict) as refused:
        merge(now, twins.survivor.company, twins.absorbed.company)

    assert refused.value.code == "merge_conflict"
    assert "2026-7" in str(refused.value)
    assert count_rows(without=frozenset()) == rows
    assert list(ClientLink.objects.values()) == links
    assert twins.absorbed.company.invoices.count() == twins.absorbed.company.connections.count() == 1
    assert Company.objects.get(pk=twins.absorbed.company.pk).state == CompanyState.ACTIVE


def test_copies_stay_behind_when_staff_say_so_and_the_software_still_reads_them(
    now: datetime, twins: Twins, run_reactions: Callable[[], int]
) -> None:
    for side in (twins.survivor, twins.absorbed):
        fill(side, now, run_reactions, number="2026-7", statement=1)
    other = fill(twins.absorbed, now, run_reactions, number="2026-8", statement=2)
    copy = Invoice.objects.get(company=twins.absorbed.company, number="2026-7")

    merge(now, twins.survivor.company, twins.absorbed.company, leaves_copies=True)

    assert list(twins.absorbed.company.invoices.values_list("number", flat=True)) == ["2026-7"]
    assert list(twins.absorbed.company.arrivals.values_list("invoice__number", flat=True)) == ["2026-7"]
    assert Invoice.objects.get(uuid=other).company == twins.survivor.company
    for login in (twins.survivor, twins.absorbed):
        assert login.software.get(f"sales-invoices/{copy.uuid}/").json()["invoice_number"] == "2026-7"
    assert copy.deliveries.count() == 2


def test_a_rejected_invoice_holds_no_number(now: datetime, twins: Twins, run_reactions: Callable[[], int]) -> None:
    for side in (twins.survivor, twins.absorbed):
        fill(side, now, run_reactions, number="2026-7", statement=1)
    twins.absorbed.company.invoices.update(state="rejected", rejected_at=now, payment_state="open")

    merge(now, twins.survivor.company, twins.absorbed.company)

    assert twins.survivor.company.invoices.count() == 2


def test_nothing_is_written_to_a_merged_company_any_more(now: datetime, survivor: Company, absorbed: Company) -> None:
    office = registry.make_office(now)
    merge(now, survivor, absorbed)
    said = Event.objects.count()

    for write in (
        lambda: services.put_contact_on_file(company_uuid=absorbed.uuid, address="a@example.be", actor="t", now=now),
        lambda: services.set_company_state(company_uuid=absorbed.uuid, state=CompanyState.ACTIVE, actor="t", now=now),
        lambda: registry.make_account(now, absorbed),
        lambda: link(now, absorbed, office, TODAY),
    ):
        with pytest.raises(CompanyMerged) as refused:
            write()
        assert survivor.enterprise_number in str(refused.value)

    assert Event.objects.count() == said


def test_a_company_is_merged_by_a_merge_only(now: datetime, survivor: Company) -> None:
    with pytest.raises(IllegalTransition):
        services.set_company_state(company_uuid=survivor.uuid, state=CompanyState.MERGED, actor="t", now=now)

    survivor.refresh_from_db()
    assert survivor.state == CompanyState.ACTIVE


def test_the_trail_of_the_survivor_tells_what_happened_to_both(
    now: datetime, survivor: Company, absorbed: Company
) -> None:
    merge(now, survivor, absorbed)

    names = list(list_trail(company=survivor).values_list("name", flat=True))
    assert names == ["company.merged", "company.registered", "company.registered"]


def test_documents_with_the_number_that_ended_are_taken_up_to_the_day_given(
    now: datetime, twins: Twins, run_reactions: Callable[[], int]
) -> None:
    merge(now, twins.survivor.company, twins.absorbed.company, valid_until=date(2026, 11, 20))

    old = [
        twins.absorbed.software.upload(make_document(twins.absorbed.company, number=str(day), issue_date=issued))
        for day, issued in enumerate([date(2026, 11, 19), date(2026, 11, 20)])
    ]
    new = twins.absorbed.software.upload(make_document(twins.survivor.company, number="9", issue_date=TODAY))

    assert [answer.status_code for answer in (*old, new)] == [201, 400, 201]
    assert old[1].json()["code"] == "supplier_mismatch"
    assert format_enterprise_number(twins.survivor.company.enterprise_number) in old[1].json()["detail"]


def test_links_that_were_mailed_lead_to_the_survivor(now: datetime, survivor: Company, absorbed: Company) -> None:
    def invite(company: Company, address: str) -> MailedLink:
        return make_link(
            purpose=LinkPurpose.COMPANY_INVITATION, subject_uuid=company.uuid, address=address, language="nl",
            role="member", life=timedelta(days=14), actor="t", now=now,
        )  # fmt: skip

    alone, twice, kept = invite(absorbed, "an@x.be"), invite(absorbed, "BO@x.be"), invite(survivor, "bo@x.be")

    merge(now, survivor, absorbed)

    for link in (alone, twice, kept):
        link.refresh_from_db()
    assert {link.subject_uuid for link in (alone, twice, kept)} == {survivor.uuid}
    assert [link.replaced_at for link in (alone, twice, kept)] == [None, now, None]
