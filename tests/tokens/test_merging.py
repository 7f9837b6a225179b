"""Requests, cases and logins once two companies are one: nobody is cut off, and nobody waits twice."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from apps.companies.models import Company
from apps.companies.services import put_contact_on_file
from apps.tokens.models import AccessToken, Connection, ConnectionRequest, Credential, NonActivationCase, SoftwareKey
from apps.tokens.services import exchange, requests
from apps.tokens.services.cases import take_case
from tests.factories import registry
from tests.factories.mergers import Side, Twins, make_side, make_twins, merge, token_of
from tests.factories.wire import Software

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(now: datetime) -> Twins:
    return make_twins(now)


def works(login: Software) -> bool:
    return bool(login.get("delivery/pod-client/").status_code == 200)


def reconnect(now: datetime, company: Company, key: SoftwareKey) -> Software:
    return Software.of(registry.connect(now, company, key))


@pytest.mark.parametrize("order", [("survivor", "absorbed"), ("absorbed", "survivor")])
@pytest.mark.parametrize("used_before", [(), ("survivor",), ("absorbed",), ("survivor", "absorbed")])
def test_both_logins_work_in_any_order_whichever_was_used_before(
    now: datetime, twins: Twins, order: tuple[str, ...], used_before: tuple[str, ...]
) -> None:
    for side in used_before:
        assert works(getattr(twins, side).software)

    merge(now, twins.survivor.company, twins.absorbed.company)

    for side in (*order, *order):
        assert works(getattr(twins, side).software)
    assert not Credential.objects.exclude(voided_at=None).exists()


def test_a_pair_given_since_the_merge_ends_both_lines_at_its_first_use(now: datetime, twins: Twins) -> None:
    survivor = merge(now, twins.survivor.company, twins.absorbed.company)
    for side in (twins.survivor, twins.absorbed):
        assert works(side.software)
    newest = reconnect(now, survivor, twins.key)

    assert works(twins.survivor.software)
    assert works(twins.absorbed.software)
    assert works(newest)

    for side in (twins.survivor, twins.absorbed):
        refused = side.software.get("delivery/pod-client/")
        assert (refused.status_code, refused.json()["code"]) == (401, "credentials_void")


def test_a_newer_pair_of_one_line_ends_the_earlier_ones_of_that_line_only(now: datetime, twins: Twins) -> None:
    newer = reconnect(now, twins.absorbed.company, twins.key)
    for side in (twins.survivor, twins.absorbed):
        assert works(side.software)

    merge(now, twins.survivor.company, twins.absorbed.company)

    assert works(newer)
    assert works(twins.survivor.software)
    assert not works(twins.absorbed.software)


def test_a_lost_answer_is_repeated_after_the_merge_in_its_own_line(now: datetime, twins: Twins) -> None:
    outcome = requests.request_connection(
        software=twins.key.software, vat=twins.absorbed.company.enterprise_number, actor="t", now=now
    )
    text = token_of(outcome.token)
    exchange.exchange_token(software=twins.key.software, text=text, actor="t", now=now)
    assert works(twins.survivor.software)

    merge(now, twins.survivor.company, twins.absorbed.company)
    pair = exchange.exchange_token(software=twins.key.software, text=text, actor="t", now=now + timedelta(minutes=1))

    assert works(Software(twins.absorbed.login.key, pair.username, pair.password))
    assert works(twins.survivor.software)
    assert not works(twins.absorbed.software)


@pytest.mark.parametrize("last_used", ["survivor", "absorbed"])
def test_the_connection_used_last_stays_and_the_emptied_one_ends(now: datetime, twins: Twins, last_used: str) -> None:
    for minutes, side in enumerate(sorted((twins.survivor, twins.absorbed), key=lambda s: s is last(twins, last_used))):
        Credential.objects.filter(username=side.login.username).update(last_used_at=now + timedelta(minutes=minutes))
    kept = Connection.objects.get(company=last(twins, last_used).company)

    merge(now, twins.survivor.company, twins.absorbed.company)

    assert set(Connection.objects.values_list("company", "state")) == {
        (twins.survivor.company.pk, "active"),
        (twins.survivor.company.pk, "revoked"),
    }
    assert Connection.objects.get(state="active") == kept
    assert kept.credentials.count() == 2


def last(twins: Twins, name: str) -> Side:
    side: Side = getattr(twins, name)
    return side


def test_connections_with_different_software_move_as_they_are(now: datetime, twins: Twins) -> None:
    other = registry.make_software(now, slug="odoo")
    third = make_side(now, twins.office, other, "Derde")

    merge(now, twins.survivor.company, third.company)

    assert Connection.objects.filter(company=twins.survivor.company, state="active").count() == 2
    assert works(third.software)
    assert works(twins.survivor.software)
    assert not Credential.objects.exclude(origin=None).exists()


def test_a_token_mailed_before_the_merge_connects_the_survivor(now: datetime) -> None:
    office, key = registry.make_office(now), registry.make_software(now)
    survivor, absorbed = registry.make_company(now, office=office), registry.make_company(now, office=office)
    outcome = requests.request_connection(software=key.software, vat=absorbed.enterprise_number, actor="t", now=now)
    merge(now, survivor, absorbed)

    pair = exchange.exchange_token(software=key.software, text=token_of(outcome.token), actor="t", now=now)

    assert Connection.objects.get().company == survivor
    assert works(Software(str(key.key), pair.username, pair.password))


def test_of_two_open_requests_the_one_further_on_stays(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[object]
) -> None:
    office, key = registry.make_office(now), registry.make_software(now)
    survivor = registry.make_company(now, office=office, email=None)
    absorbed = registry.make_company(now, office=office)
    for company in (survivor, absorbed):
        requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    run_reactions()

    merge(now, survivor, absorbed)
    run_reactions()

    closed, kept = (
        ConnectionRequest.objects.get(state="closed"),
        ConnectionRequest.objects.exclude(state="closed").get(),
    )
    assert (kept.state, kept.company, kept.enterprise_number) == ("token_sent", survivor, survivor.enterprise_number)
    assert closed.company == survivor
    assert "twee" in closed.closing_message or "twice" in closed.closing_message
    assert AccessToken.objects.get().state == "issued"
    assert len(mailoutbox) == 1
    assert NonActivationCase.objects.get().state == "resolved"


def test_of_two_equal_requests_the_survivors_stays_and_the_others_token_stops(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[object]
) -> None:
    office, key = registry.make_office(now), registry.make_software(now)
    survivor, absorbed = registry.make_company(now, office=office), registry.make_company(now, office=office)
    asked = [
        requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
        for company in (survivor, absorbed)
    ]
    run_reactions()

    merge(now, survivor, absorbed)

    assert ConnectionRequest.objects.get(state="token_sent") == asked[0].request
    with pytest.raises(exchange.TokenRevoked):
        exchange.exchange_token(software=key.software, text=token_of(asked[1].token), actor="t", now=now)
    exchange.exchange_token(software=key.software, text=token_of(asked[0].token), actor="t", now=now)


def test_a_request_that_waited_for_an_office_goes_on_when_the_survivor_has_one(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[object]
) -> None:
    key = registry.make_software(now)
    survivor = registry.make_company(now, office=registry.make_office(now))
    absorbed = registry.make_company(now)
    refused = requests.request_connection(software=key.software, vat=absorbed.enterprise_number, actor="t", now=now)

    merge(now, survivor, absorbed)
    run_reactions()

    assert refused.refusal_code == "no_accounting_office"
    refused.request.refresh_from_db()
    assert refused.request.state == "token_sent"
    assert len(mailoutbox) == 1
    assert NonActivationCase.objects.get().state == "resolved"


def test_open_cases_are_joined_under_the_survivors_number(now: datetime) -> None:
    survivor, absorbed = registry.make_company(now, email=None), registry.make_company(now, email=None)
    for slug, company in (("een", survivor), ("twee", absorbed), ("drie", absorbed)):
        key = registry.make_software(now, slug=slug)
        requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)

    merge(now, survivor, absorbed)

    joined = NonActivationCase.objects.get(state="open")
    assert (joined.key, joined.company) == (survivor.enterprise_number, survivor)
    assert joined.requests.count() == 3
    assert NonActivationCase.objects.get(state="resolved").company == survivor


def test_a_case_that_staff_work_on_goes_on_under_the_survivors_number(now: datetime) -> None:
    survivor, absorbed = registry.make_company(now), registry.make_company(now, email=None)
    key = registry.make_software(now)
    requests.request_connection(software=key.software, vat=absorbed.enterprise_number, actor="t", now=now)
    case = take_case(case_uuid=NonActivationCase.objects.get().uuid, actor="t", now=now)

    merge(now, survivor, absorbed)

    case.refresh_from_db()
    assert (case.state, case.key, case.company) == ("in_progress", survivor.enterprise_number, survivor)


def test_a_request_made_before_the_survivor_was_known_is_one_of_the_two(now: datetime) -> None:
    key = registry.make_software(now)
    absorbed = registry.make_company(now, email=None)
    number = registry.enterprise_number()
    for vat in (number, absorbed.enterprise_number):
        requests.request_connection(software=key.software, vat=vat, actor="t", now=now)
    from apps.companies.services import register_company

    survivor = register_company(enterprise_number=number, name="Blijft", language="nl", actor="t", now=now)

    merge(now, survivor, absorbed)

    assert ConnectionRequest.objects.get(state="waiting").enterprise_number == number
    assert ConnectionRequest.objects.get(state="closed").company == survivor


def test_asking_with_either_number_finds_the_one_request(now: datetime) -> None:
    key = registry.make_software(now)
    survivor, absorbed = registry.make_company(now, email=None), registry.make_company(now, email=None)
    requests.request_connection(software=key.software, vat=absorbed.enterprise_number, actor="t", now=now)
    merge(now, survivor, absorbed)

    for vat in (absorbed.enterprise_number, survivor.enterprise_number):
        requests.request_connection(software=key.software, vat=vat, actor="t", now=now)

    assert ConnectionRequest.objects.count() == 1


def test_an_address_of_the_absorbed_company_that_bounces_is_no_fault_of_the_survivors(now: datetime) -> None:
    office, key = registry.make_office(now), registry.make_software(now)
    survivor = registry.make_company(now, office=office, email="goed@example.be")
    absorbed = registry.make_company(now, office=office, email="oud@example.be")
    outcome = requests.request_connection(software=key.software, vat=absorbed.enterprise_number, actor="t", now=now)
    assert outcome.token
    merge(now, survivor, absorbed)

    again = requests.give_up_address(token_uuid=outcome.token.uuid, now=now)

    assert again is not None
    assert again.token is not None
    assert again.token.sent_to == "goed@example.be"
    survivor.refresh_from_db()
    assert survivor.contact_email.state == "on_file"


def test_the_address_put_on_file_after_the_merge_cures_a_request_of_the_absorbed_company(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[object]
) -> None:
    office, key = registry.make_office(now), registry.make_software(now)
    survivor, absorbed = (registry.make_company(now, office=office, email=None) for _ in range(2))
    requests.request_connection(software=key.software, vat=absorbed.enterprise_number, actor="t", now=now)
    merge(now, survivor, absorbed)

    put_contact_on_file(company_uuid=survivor.uuid, address="nieuw@example.be", actor="t", now=now)
    run_reactions()

    assert len(mailoutbox) == 1
    assert ConnectionRequest.objects.get().state == "token_sent"
