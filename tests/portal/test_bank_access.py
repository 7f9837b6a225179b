"""What a software sees of the bank is its company's owners' to choose, and nobody else's."""

import re
from datetime import datetime

from apps.companies.rules import MemberRole
from apps.events.models import Event
from apps.tokens.models import Connection
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import World, signed_in


def test_an_owner_chooses_and_the_same_again_changes_nothing(world: World) -> None:
    connection = Connection.objects.get(company=world.company)
    page = f"/companies/{world.company.uuid}/connections/{connection.uuid}/bank/"
    browser = signed_in(world.owner)
    before = browser.get(page).content.decode()

    told = [text_of(browser.post(page, {"access": "credits"}, follow=True).content.decode()) for _twice in range(2)]
    connection.refresh_from_db()

    assert re.search(r'value="statements"[^>]* checked', before)
    assert all("krijgt het zo vanaf de volgende oproep." in text for text in told)
    assert connection.bank_access == "credits"
    (event,) = Event.objects.filter(name="connection.bank_access_chosen")
    assert (event.actor, event.payload) == (f"user:{world.owner.uuid}", {"access": "credits"})
    assert browser.post(page, {"access": "gold"}).status_code == 200
    assert Event.objects.filter(name="connection.bank_access_chosen").count() == 1


def test_a_member_who_is_no_owner_and_the_office_choose_nothing(world: World, now: datetime) -> None:
    connection = Connection.objects.get(company=world.company)
    page = f"/companies/{world.company.uuid}/connections/{connection.uuid}/bank/"
    member = registry.make_user("collega@example.be")
    registry.make_member(now, member, company=world.company, role=MemberRole.MEMBER)

    for person in (member, world.accountant, world.stranger):
        assert signed_in(person).post(page, {"access": "everything"}).status_code == 404
    connection.refresh_from_db()
    assert connection.bank_access == "statements"
