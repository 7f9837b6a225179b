"""A client goes from one office to another: who is asked, when it starts, and whose each document is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.accounting_offices import services as offices
from apps.accounting_offices import transfers
from apps.accounting_offices.imports import create_client_import, run_client_import
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.selectors import list_claims_against, office_in_force
from apps.companies.models import Company
from apps.core.errors import DomainError
from apps.delivery.models import Delivery, FeedEntry
from apps.events.models import Event
from apps.statements.services.intake import receive_coda_file
from apps.tokens.models import Connection
from apps.tokens.services.connections import follow_client_links
from tests.factories import registry
from tests.factories.wire import Software, credit, make_coda, make_document

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
NEXT_MONTH = date(2026, 12, 20)


@pytest.fixture
def old(now: datetime) -> AccountingOffice:
    return registry.make_office(now, name="Kantoor Oud")


@pytest.fixture
def new(now: datetime) -> AccountingOffice:
    return registry.make_office(now, name="Bureau Neuf")


@pytest.fixture
def company(now: datetime, old: AccountingOffice) -> Company:
    return registry.make_company(now, office=old)


def claim(company: Company, office: AccountingOffice, now: datetime, day: date = TODAY) -> ClientLink:
    return transfers.claim_client(
        office_uuid=office.uuid, enterprise_number=company.enterprise_number, client_code="N7", starts_on=day,
        actor="t", now=now,
    )  # fmt: skip


def confirm(link: ClientLink, day: date, now: datetime) -> ClientLink:
    return transfers.confirm_transfer(link_uuid=link.uuid, starts_on=day, actor="t", now=now)


def test_a_claim_waits_and_changes_nothing(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    first, again = claim(company, new, now), claim(company, new, now)

    assert (first.pk, first.state) == (again.pk, "claimed")
    assert office_in_force(company=company, on=TODAY) == old
    assert Event.objects.filter(name="client_link.claimed").count() == 1


def test_a_company_without_an_office_that_day_starts_at_once(new: AccountingOffice, now: datetime) -> None:
    link = claim(registry.make_company(now), new, now)

    assert (link.state, link.starts_on, link.client_code) == ("current", TODAY, "N7")


def test_a_company_that_nobody_knows_cannot_be_claimed(new: AccountingOffice, now: datetime) -> None:
    with pytest.raises(transfers.CompanyNotKnown):
        transfers.claim_client(
            office_uuid=new.uuid, enterprise_number="0999999922", client_code="", starts_on=TODAY, actor="t", now=now
        )
    assert not ClientLink.objects.exists()


def test_each_document_goes_to_the_office_of_its_own_day(
    company: Company, new: AccountingOffice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    account = registry.make_account(now, company)
    software = Software.of(registry.connect(now, company, registry.make_software(now)))
    before, change = date(2026, 11, 19), date(2026, 11, 20)
    confirm(claim(company, new, now), change, now)

    software.upload(make_document(company, number="1", issue_date=before))
    software.upload(make_document(company, number="2", issue_date=change, reference=None))
    for number, day in enumerate((before, change), start=1):
        content = make_coda(account.iban, credit("10.00"), number=number, day=day)
        receive_coda_file(content=content, name="f", actor="t", now=now)
    run_reactions()

    inbox = Delivery.objects.filter(channel="inbox")
    of_invoices = inbox.order_by("invoice__number").values_list("invoice__number", "office__name")
    of_statements = FeedEntry.objects.exclude(feed__office=None).exclude(statement=None).order_by("id")
    assert list(of_invoices) == [("1", "Kantoor Oud"), ("2", "Bureau Neuf")]
    assert list(of_statements.values_list("statement__number", "feed__office__name")) == [
        (1, "Kantoor Oud"),
        (2, "Bureau Neuf"),
    ]


def test_a_planned_transfer_leaves_the_present_office_in_force_and_switches_on_the_day(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    registry.connect(now, company, registry.make_software(now))
    link = confirm(claim(company, new, now), NEXT_MONTH, now)
    run_reactions()
    present = ClientLink.objects.get(office=old)

    assert (present.state, present.ends_on) == ("current", NEXT_MONTH)
    assert (link.state, link.starts_on) == ("current", NEXT_MONTH)
    assert office_in_force(company=company, on=NEXT_MONTH - timedelta(days=1)) == old
    assert office_in_force(company=company, on=NEXT_MONTH) == new
    follow_client_links(now=now)
    assert Connection.objects.get().state == "active"

    on_the_day = datetime(2026, 12, 20, 8, tzinfo=now.tzinfo)
    assert [offices.end_due_links(now=on_the_day) for _ in range(2)] == [1, 0]
    follow_client_links(now=on_the_day)
    present.refresh_from_db()
    assert present.state == "ended"
    assert Connection.objects.get().state == "active"
    assert Event.objects.filter(name="client_link.ended").count() == 1


def test_a_list_of_the_office_that_leaves_does_not_claim_what_it_still_has(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    confirm(claim(company, new, now), NEXT_MONTH, now)
    content = f"btw;naam;klantcode\n{company.enterprise_number};{company.name};OUD9".encode()

    job = create_client_import(office_uuid=old.uuid, content=content, mapping={}, is_dry_run=False, actor="t", now=now)
    done = run_client_import(job_uuid=job.uuid, read_clock=lambda: now)

    assert (done.report, done.problem_count) == ({"updated": 1}, 0)
    assert sorted(ClientLink.objects.values_list("client_code", flat=True)) == ["N7", "OUD9"]


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2019, 6, 1)])
def test_a_transfer_cannot_start_where_the_present_link_does_or_before(
    company: Company, new: AccountingOffice, now: datetime, day: date
) -> None:
    link = claim(company, new, now)
    before = Event.objects.count()

    with pytest.raises((offices.DayBeforeStart, offices.LinksOverlap)):
        confirm(link, day, now)

    assert sorted(ClientLink.objects.values_list("state", flat=True)) == ["claimed", "current"]
    assert Event.objects.count() == before


def test_when_the_present_link_ends_a_claim_that_waits_alone_starts_by_itself(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    link = claim(company, new, now)

    offices.end_client_link(link_uuid=ClientLink.objects.get(office=old).uuid, ends_on=NEXT_MONTH, actor="t", now=now)

    link.refresh_from_db()
    assert (link.state, link.starts_on) == ("current", NEXT_MONTH)


def test_of_two_claims_none_starts_by_itself(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    claims = [claim(company, new, now), claim(company, registry.make_office(now), now)]

    offices.end_client_link(link_uuid=ClientLink.objects.get(office=old).uuid, ends_on=TODAY, actor="t", now=now)

    for link in claims:
        link.refresh_from_db()
    assert [link.state for link in claims] == ["claimed", "claimed"]


def test_an_office_confirms_only_for_days_that_are_its_own(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    third = registry.make_office(now)
    confirm(claim(company, new, now), NEXT_MONTH, now)
    late = claim(company, third, now)
    before = Event.objects.count()

    with pytest.raises(transfers.NotTheirDay):
        transfers.confirm_transfer(
            link_uuid=late.uuid, starts_on=date(2027, 2, 1), by_office=old.uuid, actor="user:1", now=now
        )

    late.refresh_from_db()
    assert late.state == "claimed"
    assert office_in_force(company=company, on=date(2027, 2, 1)) == new
    assert Event.objects.count() == before
    done = transfers.confirm_transfer(
        link_uuid=late.uuid, starts_on=date(2027, 2, 1), by_office=new.uuid, actor="user:2", now=now
    )
    assert done.state == "current"


def test_the_office_of_the_day_that_is_asked_sees_the_claim_and_is_told(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime,
    run_reactions: Callable[[], int], mailoutbox: list[Any],
) -> None:  # fmt: skip
    AccountingOffice.objects.filter(pk=new.pk).update(email="neuf@example.be")
    confirm(claim(company, new, now), NEXT_MONTH, now)
    run_reactions()
    mailoutbox.clear()

    link = claim(company, registry.make_office(now, name="Derde"), now, date(2027, 2, 1))
    run_reactions()

    assert [claimed.pk for claimed in list_claims_against(office=new, on=TODAY)] == [link.pk]
    assert [mail.to for mail in mailoutbox if "Derde" in mail.subject] == [["neuf@example.be"]]


def test_an_end_that_would_reach_into_the_next_link_is_refused_and_leaves_no_trace(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    confirm(claim(company, new, now), NEXT_MONTH, now)
    present = ClientLink.objects.get(office=old)
    before = Event.objects.count()

    with pytest.raises(offices.LinksOverlap):
        offices.end_client_link(link_uuid=present.uuid, ends_on=date(2027, 3, 1), actor="t", now=now)

    present.refresh_from_db()
    assert present.ends_on == NEXT_MONTH
    assert Event.objects.count() == before


def test_an_end_moved_forward_lets_a_third_claim_wait(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    confirm(claim(company, new, now), NEXT_MONTH, now)
    third = claim(company, registry.make_office(now), now)

    offices.end_client_link(
        link_uuid=ClientLink.objects.get(office=old).uuid, ends_on=date(2026, 12, 1), actor="t", now=now
    )

    third.refresh_from_db()
    assert third.state == "claimed"
    assert ClientLink.objects.get(office=old).ends_on == date(2026, 12, 1)


def test_a_claim_made_after_the_end_was_planned_starts_on_that_day(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    offices.end_client_link(link_uuid=ClientLink.objects.get(office=old).uuid, ends_on=NEXT_MONTH, actor="t", now=now)
    link = claim(company, new, now)

    offices.end_due_links(now=datetime(2026, 12, 20, 8, tzinfo=now.tzinfo))

    link.refresh_from_db()
    assert (link.state, link.starts_on) == ("current", NEXT_MONTH)


@pytest.mark.django_db(transaction=True)
def test_confirmations_and_an_end_at_once_leave_one_office_a_day(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
) -> None:
    third = registry.make_office(now)
    claims = [claim(company, new, now), claim(company, third, now)]
    present = ClientLink.objects.get(office=old)

    def act(number: int) -> None:
        try:
            if number % 3 == 2:
                offices.end_client_link(link_uuid=present.uuid, ends_on=TODAY, actor="t", now=now)
            else:
                confirm(claims[number % 3], TODAY - timedelta(days=number), now)
        except DomainError:
            return
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(6)))

    days = [TODAY + timedelta(days=days) for days in range(-10, 10)]
    assert all(ClientLink.objects.holding(day).filter(company=company).count() <= 1 for day in days)
    assert office_in_force(company=company, on=TODAY) in {new, third}


def test_everybody_is_told_in_their_own_language(
    company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime,
    run_reactions: Callable[[], int], mailoutbox: list[Any],
) -> None:  # fmt: skip
    AccountingOffice.objects.filter(pk=old.pk).update(email="oud@example.be", language="nl")
    AccountingOffice.objects.filter(pk=new.pk).update(email="neuf@example.be", language="fr")
    Company.objects.filter(pk=company.pk).update(language="de")
    run_reactions()
    mailoutbox.clear()
    link = claim(company, new, now)
    run_reactions()
    transfers.tell_of_claims(company_uuid=company.uuid, now=now)
    confirm(link, TODAY, now)
    run_reactions()

    assert [(mail.to[0], mail.subject.replace("\u00a0", " ")) for mail in mailoutbox] == [
        ("oud@example.be", "Bureau Neuf vraagt om een van uw klanten over te nemen"),
        ("neuf@example.be", "Loodgieterij Maes est votre client à partir du 25 nov. 2026"),
        ("zaak@example.be", "Bureau Neuf führt Ihre Bücher ab 25. Nov. 2026"),
    ]
    assert reverse("portal:clients", args=[old.uuid]) in mailoutbox[0].body


def test_a_refusal_tells_the_claiming_office_why(
    company: Company, new: AccountingOffice, now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    link = claim(company, new, now)
    run_reactions()
    mailoutbox.clear()
    for _ in range(2):
        transfers.refuse_claim(link_uuid=link.uuid, reason="De klant blijft.", actor="staff:1", now=now)
    run_reactions()

    assert len(mailoutbox) == 1
    assert "De klant blijft." in mailoutbox[0].body


class TestPages:
    """What the two offices and staff see and do."""

    def sign_in(self, now: datetime, office: AccountingOffice) -> Client:
        user = registry.make_user(f"{office.enterprise_number}@example.be", language="en")
        registry.make_member(now, user, office=office)
        client = Client()
        client.force_login(user)
        return client

    def staff(self) -> Client:
        client = Client()
        client.force_login(registry.make_user("staff@example.be", is_staff=True, language="en"))
        return client

    def test_both_offices_see_the_claim_and_the_present_one_confirms_it(
        self, company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
    ) -> None:
        present, claiming = self.sign_in(now, old), self.sign_in(now, new)
        form = {"enterprise_number": company.enterprise_number, "client_code": "N7", "starts_on": "2026-11-20"}

        asked = claiming.post(reverse("portal:clients", args=[new.uuid]), form, follow=True).content.decode()
        link = ClientLink.objects.get(state="claimed")
        seen = present.get(reverse("portal:clients", args=[old.uuid])).content.decode()
        path = reverse("portal:answer-claim", args=[old.uuid, link.uuid, "confirm"])
        done = present.post(path, {"starts_on": "2026-11-20"}, follow=True).content.decode()

        assert "The present office was asked." in asked
        assert "Bureau Neuf says that it keeps the books." in seen
        assert 'value="2026-11-20"' in seen
        assert "The transfer is confirmed." in done
        assert office_in_force(company=company, on=date(2026, 11, 20)) == new

    def test_an_office_that_leaves_cannot_give_away_the_next_ones_days(
        self, company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
    ) -> None:
        confirm(claim(company, new, now), NEXT_MONTH, now)
        late = claim(company, registry.make_office(now), now)
        path = reverse("portal:answer-claim", args=[old.uuid, late.uuid, "confirm"])

        answer = self.sign_in(now, old).post(path, {"starts_on": "2027-02-01"}, follow=True).content.decode()

        late.refresh_from_db()
        assert "You do not keep the books of this company on that day." in answer
        assert late.state == "claimed"
        assert office_in_force(company=company, on=date(2027, 2, 1)) == new

    def test_an_objection_needs_a_reason_and_staff_decide(
        self, company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
    ) -> None:
        present, link, staff = self.sign_in(now, old), claim(company, new, now), self.staff()
        path = reverse("portal:answer-claim", args=[old.uuid, link.uuid, "object"])
        listed = reverse("admin:accounting_offices_clientlink_changelist")

        empty = present.post(path, {"reason": " "}, follow=True).content.decode()
        kept = present.post(path, {"reason": "Niets ondertekend"}, follow=True).content.decode()
        seen = staff.get(listed).content.decode()
        staff.post(listed, {"action": "refuse", "_selected_action": [link.pk], "reason": "Niet getekend", "day": ""})

        link.refresh_from_db()
        assert "Write why the claim is not right." in empty
        assert "Your objection is kept." in kept
        assert "Niets ondertekend" in seen
        assert (link.state, link.refusal) == ("ended", "Niet getekend")

    @pytest.mark.parametrize(("day", "expected"), [("", date(2026, 11, 18)), ("2026-11-10", date(2026, 11, 10))])
    def test_staff_confirm_on_the_day_that_was_asked_or_another(
        self, company: Company, new: AccountingOffice, now: datetime, day: str, expected: date
    ) -> None:
        link = claim(company, new, now, date(2026, 11, 18))

        self.staff().post(
            reverse("admin:accounting_offices_clientlink_changelist"),
            {"action": "confirm", "_selected_action": [link.pk], "reason": "", "day": day},
        )

        link.refresh_from_db()
        assert (link.state, link.starts_on) == ("current", expected)

    def test_nobody_answers_for_another_office(
        self, company: Company, old: AccountingOffice, new: AccountingOffice, now: datetime
    ) -> None:
        link, claiming, present = claim(company, new, now), self.sign_in(now, new), self.sign_in(now, old)

        answers = [
            claiming.post(reverse("portal:answer-claim", args=[new.uuid, link.uuid, "confirm"])),
            claiming.post(reverse("portal:answer-claim", args=[old.uuid, link.uuid, "confirm"])),
            present.post(reverse("portal:answer-claim", args=[old.uuid, link.uuid, "withdraw"])),
            present.get(reverse("portal:clients", args=[new.uuid])),
        ]

        assert [answer.status_code for answer in answers] == [404] * 4
        link.refresh_from_db()
        assert link.state == "claimed"

    def test_a_client_is_found_by_name_number_or_code(
        self, company: Company, old: AccountingOffice, now: datetime
    ) -> None:
        registry.make_company(now, office=old, name="Bakkerij Claes")
        client = self.sign_in(now, old)

        def found(search: str) -> str:
            return client.get(reverse("portal:clients", args=[old.uuid]), {"q": search}).content.decode()

        assert "Loodgieterij Maes" in found("maes")
        assert "Bakkerij" not in found("maes")
        assert "Loodgieterij Maes" in found(company.enterprise_number)
        assert "Nothing matches." in found("nobody")
