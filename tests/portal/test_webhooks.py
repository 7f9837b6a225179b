"""What people of a maker of software see and do: its packages, its endpoints, their log, and who else gets access."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from apps.core import clock
from apps.tokens.models import SoftwareKey, SoftwareUsage, Vendor, VendorMember
from apps.tokens.services import vendors
from apps.tokens.services.connections import revoke_connection
from apps.tokens.services.requests import request_connection
from apps.webhooks.dispatching import dispatch
from apps.webhooks.models import Endpoint, Message
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import signed_in
from tests.support.receiver import Receiver, receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    return registry.make_software(now)


@pytest.fixture
def vendor(key: SoftwareKey) -> Vendor:
    return key.software.vendor


@pytest.fixture
def developer(now: datetime, vendor: Vendor) -> Client:
    user = registry.make_user("dev@maker.example", language="en")
    registry.make_member(now, user, vendor=vendor)
    client = signed_in(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def send(after: timedelta = timedelta(seconds=1)) -> int:
    return dispatch(read_clock=lambda: clock.now() + after)


def add(developer: Client, vendor: Vendor, url: str) -> tuple[str, str]:
    """Add an endpoint by the form; returns its page and its secret."""
    form = {"software": str(vendor.softwares.get().uuid), "url": url, "topics": ["invoice.accepted"]}
    answer = developer.post(f"/vendors/{vendor.uuid}/webhooks/add/", form)
    assert answer.headers["Cache-Control"] == "no-store"
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())
    assert secret is not None, text_of(answer.content.decode())
    return f"/vendors/{vendor.uuid}/webhooks/{Endpoint.objects.get(url=url).uuid}/", secret[0]


def test_an_endpoint_is_added_tested_and_its_log_read(developer: Client, vendor: Vendor, server: Receiver) -> None:
    page, secret = add(developer, vendor, server.url)
    assert secret not in developer.get(page).content.decode(), "it is shown once"
    assert "A test message is sent" in developer.post(page, {"action": "test"}, follow=True).content.decode()
    assert send() == 1
    message = Message.objects.get()
    shown = developer.get(f"{page}messages/{message.uuid}/").content.decode()
    post = server.posts[0]
    for text in (post.headers["webhook-id"], post.headers["webhook-signature"], "thanks", "200", server.url):
        assert text in shown.replace("&quot;", '"'), text
    assert "webhook.test" in developer.get(page).content.decode()

    developer.post(f"{page}messages/{message.uuid}/")
    assert send() == 1
    assert server.ids == [str(message.uuid)] * 2


def test_an_endpoint_is_paused_resumed_changed_and_switched_off(
    developer: Client, vendor: Vendor, server: Receiver
) -> None:
    page, secret = add(developer, vendor, server.url)

    def act(action: str, **more: str) -> str:
        answer = developer.post(page, {"action": action, **more}, follow=True)
        assert answer.status_code == 200
        return str(answer.content.decode())

    act("pause")
    act("test")
    assert send() == 0
    act("resume")
    assert send() == 1
    new = re.search(r"whsec_[A-Za-z0-9+/=]+", act("rotate"))
    assert new is not None
    assert new[0] != secret
    changed = {"url": server.url + "&more", "topics": ["invoice.accepted", "connection.revoked"]}
    assert developer.post(f"{page}change/", changed).status_code == 302
    assert Endpoint.objects.get().topics == ["connection.revoked", "invoice.accepted"]
    today = clock.today().isoformat()
    assert "1 message is sent again." in act("replay", first=today, last=today, which="all")
    assert "The period ends before it begins." in act("replay", first=today, last="2020-01-01", which="all")
    act("off")
    assert Endpoint.objects.get().state == "off"
    assert "This endpoint is off. Switch it on first." in act("test")
    assert developer.post(page, {"action": "dance"}).status_code == 404


def test_what_cannot_be_posted_to_is_refused_on_the_form(developer: Client, vendor: Vendor) -> None:
    form = {"software": str(vendor.softwares.get().uuid), "url": "ftp://x.example/", "topics": ["invoice.accepted"]}

    answer = developer.post(f"/vendors/{vendor.uuid}/webhooks/add/", form)

    assert "This is not an address that we can post to" in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_another_makers_things_are_not_found(
    developer: Client, vendor: Vendor, server: Receiver, now: datetime
) -> None:
    page, _secret = add(developer, vendor, server.url)
    endpoint = Endpoint.objects.get()
    user = registry.make_user("rival@other.example")
    rival = registry.make_software(now, slug="octopus").software
    registry.make_member(now, user, vendor=rival.vendor)
    stranger = signed_in(user)

    for path in (page, f"{page}change/", f"/vendors/{vendor.uuid}/", f"/vendors/{vendor.uuid}/members/"):
        assert stranger.get(path).status_code == 404
    there = f"/vendors/{rival.vendor.uuid}/"
    software = vendor.softwares.get()
    for path in (f"{there}webhooks/{endpoint.uuid}/", f"{there}software/{software.uuid}/"):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, {"action": "off"}).status_code == 404
    form = {"software": str(software.uuid), "url": "https://rival.example/", "topics": ["invoice.accepted"]}
    assert stranger.post(f"{there}webhooks/add/", form).status_code == 200
    assert Endpoint.objects.count() == 1
    assert server.url not in stranger.get(f"{there}webhooks/").content.decode()


def test_a_maker_sees_whom_its_software_acts_for_and_what_became_of_its_requests(
    developer: Client, vendor: Vendor, key: SoftwareKey, now: datetime
) -> None:
    office = registry.make_office(now)
    stays = registry.make_company(now, office=office, name="Blijft BV")
    leaves = registry.make_company(now, office=office, name="Vertrekt BV")
    registry.connect(now, stays, key)
    registry.connect(now, leaves, key)
    revoke_connection(connection_uuid=leaves.connections.get().uuid, actor="t", now=now)
    refused = registry.make_company(now, name="Geheim BV")
    request_connection(software=key.software, vat=refused.enterprise_number, actor="t", now=now)
    other = registry.make_software(now, slug="octopus")
    registry.connect(now, registry.make_company(now, office=office, name="Elders BV"), other)
    for kind, count in (("upload", 30), ("upload_refused", 10)):
        SoftwareUsage.objects.create(software=key.software, day=now.date(), kind=kind, count=count)

    text = text_of(developer.get(f"/vendors/{vendor.uuid}/software/{key.software.uuid}/").content.decode())

    assert "Blijft BV" in text
    assert "Vertrekt BV" not in text, "it ended its connection"
    assert "Geheim BV" not in text, "it was never connected"
    assert "Elders BV" not in text
    assert "no_accounting_office" in text
    assert re.search(r"Sending invoices 30 succeeded 10 refused 25\.0 %", text)


def test_a_key_is_replaced_with_an_overlap(developer: Client, vendor: Vendor, key: SoftwareKey) -> None:
    page = f"/vendors/{vendor.uuid}/software/{key.software.uuid}/"

    def act(action: str, key: str = "") -> str:
        return text_of(developer.post(page, {"action": action, "key": key}, follow=True).content.decode())

    assert "This is the only key that works." in act("end", str(key.key))
    act("give")
    newest = key.software.keys.latest("id")
    assert key.software.keys.filter(disabled_at=None).count() == 2
    act("end", str(key.key))
    assert list(key.software.keys.filter(disabled_at=None)) == [newest]
    stranger = registry.make_software(clock.now(), slug="octopus")
    assert developer.post(page, {"action": "end", "key": str(stranger.key)}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.disabled_at is None


def test_the_first_of_a_makers_people_comes_by_a_mailed_link_and_invites_others(
    vendor: Vendor, now: datetime, run_reactions: Callable[[], int]
) -> None:
    vendors.set_vendor_contact(vendor_uuid=vendor.uuid, email="info@maker.example", language="fr", actor="t", now=now)
    vendors.send_first_vendor_link(vendor_uuid=vendor.uuid, actor="t", now=now)
    run_reactions()
    link = re.search(r"http\S+(/join/\S+/)", str(mail.outbox[-1].body))
    assert link is not None
    visitor = Client()
    assert visitor.get(link[1]).status_code == 200
    answer = visitor.post(link[1], {"password": "een lang geheim woord", "repeated": "een lang geheim woord"})
    assert answer.headers["Location"] == f"/vendors/{vendor.uuid}/"
    assert VendorMember.objects.get().role == "owner"
    assert visitor.get("/").headers["Location"] == f"/vendors/{vendor.uuid}/"

    invitation = {"action": "invite", "address": "collega@maker.example", "role": "member", "language": "nl"}
    visitor.post(f"/vendors/{vendor.uuid}/members/", invitation)
    run_reactions()
    assert mail.outbox[-1].to == ["collega@maker.example"]
    assert "robaws makers" in str(mail.outbox[-1].body)
    assert "()" not in str(mail.outbox[-1].body)


def test_staff_put_a_makers_address_on_file(vendor: Vendor) -> None:
    staff = signed_in(registry.make_user("staff@example.be", is_staff=True))
    form: dict[str, Any] = {"action": "put_address", "_selected_action": [vendor.pk], "language": "de"}

    staff.post("/admin/tokens/vendor/", form | {"email": "geen adres"})
    vendor.refresh_from_db()
    assert vendor.email == ""
    staff.post("/admin/tokens/vendor/", form | {"email": "dev@maker.example"})
    vendor.refresh_from_db()
    assert (vendor.email, vendor.language) == ("dev@maker.example", "de")
