"""Where an office has its invoices taken: people add, confirm, change, pause and remove it, and see why it fails."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from apps.accounting_offices.models import ClientLink
from apps.delivery.models import Delivery, Destination
from apps.delivery.sftp import fingerprint_of
from apps.events.models import Event
from apps.jobs.models import Job
from apps.users.models import MailedLink
from apps.users.selectors import sign_link
from tests.factories import registry
from tests.factories.destinations import make_mailbox
from tests.portal.test_pages import text_of
from tests.portal.world import World, signed_in
from tests.support.sftp_server import sftp_server


def address_of(world: World) -> str:
    return f"/offices/{world.office.uuid}/delivery/"


def add(world: World, **filled_in: str) -> Client:
    client = signed_in(world.accountant)
    client.post(
        f"{address_of(world)}add/", {"channel": "email", "address": "boek@example.be", "client": ""} | filled_in
    )
    return client


def test_an_address_is_added_confirmed_by_its_reader_and_then_works(world: World, run_reactions: object) -> None:
    client = add(world)
    run_reactions()  # type: ignore[operator]

    destination = Destination.objects.get()
    [message] = [message for message in mail.outbox if message.to == ["boek@example.be"]]
    link = re.search(r"http\S+/confirm-destination/\S+/", str(message.body))
    assert link
    path = re.sub(r"^https?://[^/]+", "", link[0])
    assert "wacht tot de lezer de link volgt" in text_of(
        client.get(f"{address_of(world)}{destination.uuid}/").content.decode()
    )
    reader = Client()
    assert reader.get(path).status_code == 200
    destination.refresh_from_db()
    assert destination.state == "unconfirmed", "looking is not confirming"
    assert "Facturen komen vanaf nu naar" in text_of(reader.post(path).content.decode())
    destination.refresh_from_db()
    assert (destination.state, destination.address) == ("active", "boek@example.be")
    assert Event.objects.get(name="destination.added").actor == f"user:{world.accountant.uuid}"
    assert "adres is bevestigd" in text_of(reader.post(path).content.decode())


def test_a_link_whose_time_is_over_offers_another(world: World) -> None:
    add(world)
    link = MailedLink.objects.get(address="boek@example.be")
    MailedLink.objects.filter(pk=link.pk).update(expires_at=link.made_at, made_at=link.made_at - timedelta(hours=2))
    path = f"/confirm-destination/{sign_link(link)}/"

    assert "De tijd van deze link is voorbij" in text_of(Client().get(path).content.decode())
    Client().post(path)

    assert MailedLink.objects.filter(address="boek@example.be", replaced_at=None).exclude(pk=link.pk).exists()
    assert Destination.objects.get().state == "unconfirmed"


def test_the_same_address_twice_is_refused_and_leaves_no_trace(world: World) -> None:
    add(world)
    events = Event.objects.count()
    add(world, address="BOEK@example.be")

    assert Destination.objects.count() == 1
    assert Event.objects.count() == events


def test_there_are_only_so_many(world: World, settings: object) -> None:
    settings.MOST_DESTINATIONS = 1  # type: ignore[attr-defined]
    add(world)
    add(world, address="ander@example.be")

    assert Destination.objects.count() == 1


def test_only_so_many_links_are_mailed_in_a_day(world: World, settings: object) -> None:
    settings.DESTINATION_LINKS_PER_DAY = 1  # type: ignore[attr-defined]
    add(world)
    add(world, address="ander@example.be")

    assert not Destination.objects.filter(wanted_address="ander@example.be").exists()


def test_a_destination_can_be_for_one_client_only(world: World) -> None:
    ClientLink.objects.filter(company=world.company).update(client_code="K7")
    add(world, client="K7")
    assert Destination.objects.get().company == world.company
    add(world, client="onbekend", address="ander@example.be")
    assert Destination.objects.count() == 1


def test_another_address_takes_over_once_it_is_confirmed(world: World) -> None:
    destination = make_mailbox(world.paid.received_at, world.office, address="oud@example.be")
    client, path = signed_in(world.accountant), f"{address_of(world)}{destination.uuid}/"

    client.post(path, {"action": "change", "address": "nieuw@example.be"})
    destination.refresh_from_db()
    assert (destination.address, destination.wanted_address) == ("oud@example.be", "nieuw@example.be")
    link = MailedLink.objects.get(address="nieuw@example.be")
    Client().post(f"/confirm-destination/{sign_link(link)}/")

    destination.refresh_from_db()
    assert (destination.address, destination.wanted_address) == ("nieuw@example.be", "")


@pytest.mark.parametrize("button", ["keep", "remove"])
def test_a_link_does_nothing_once_the_address_is_not_wanted_any_more(world: World, button: str) -> None:
    destination = make_mailbox(world.paid.received_at, world.office, address="oud@example.be")
    client, path = signed_in(world.accountant), f"{address_of(world)}{destination.uuid}/"
    client.post(path, {"action": "change", "address": "nieuw@example.be"})
    link = MailedLink.objects.get(address="nieuw@example.be")
    client.post(path, {"action": button})

    page = Client().post(f"/confirm-destination/{sign_link(link)}/")

    assert "Deze link werkt niet meer" in text_of(page.content.decode())
    destination.refresh_from_db()
    assert destination.address == "oud@example.be"


def test_paused_resumed_and_removed(world: World) -> None:
    destination = make_mailbox(world.paid.received_at, world.office)
    client, path = signed_in(world.accountant), f"{address_of(world)}{destination.uuid}/"
    Delivery.objects.create(
        invoice=world.paid, office=world.office, destination=destination, channel="email", state="pending",
        uuid=destination.uuid, state_at=world.paid.received_at, due_at=world.paid.received_at,
        queued_at=world.paid.received_at,
    )  # fmt: skip
    states = []
    for action in ("pause", "pause", "resume", "remove"):
        client.post(path, {"action": action})
        destination.refresh_from_db()
        states.append(destination.state)

    assert states == ["paused", "paused", "active", "removed"]
    names = list(Event.objects.filter(subject_uuid=destination.uuid).order_by("id").values_list("name", flat=True))
    assert names[-3:] == ["destination.paused", "destination.resumed", "destination.removed"]
    delivery = Delivery.objects.get(destination=destination)
    assert (delivery.state, delivery.failure_code, delivery.due_at) == ("failed", "destination_removed", None)
    assert client.get(path).status_code == 200, "its log stays"
    assert destination.address not in text_of(client.get(address_of(world)).content.decode())


def test_an_unknown_button_is_nothing(world: World) -> None:
    destination = make_mailbox(world.paid.received_at, world.office)

    answer = signed_in(world.accountant).post(f"{address_of(world)}{destination.uuid}/", {"action": "x"})

    assert answer.status_code == 404


def test_another_offices_destination_is_not_there(world: World) -> None:
    other = make_mailbox(world.paid.received_at, registry.make_office(world.paid.received_at, name="Ander"))
    client = signed_in(world.accountant)

    for path in (f"{address_of(world)}{other.uuid}/", f"/offices/{other.office.uuid}/delivery/{other.uuid}/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"action": "remove"}).status_code == 404
    other.refresh_from_db()
    assert other.state == "active"


def test_one_that_fails_says_why_what_it_answered_and_what_to_do(world: World) -> None:
    destination = make_mailbox(world.paid.received_at, world.office)
    Destination.objects.filter(pk=destination.pk).update(
        failures=3, failing_since=world.paid.received_at, retry_at=world.paid.received_at,
        failure_code="address_refused", failure_answer="550 <script>",
    )  # fmt: skip
    client = signed_in(world.accountant)

    page = client.get(f"{address_of(world)}{destination.uuid}/").content.decode()

    assert "neemt onze berichten ervoor niet aan" in text_of(page)
    assert "550 &lt;script&gt;" in page
    assert "1 bestemming werkt niet" in text_of(client.get(address_of(world)).content.decode())


def test_the_preview_says_where_a_document_goes_and_why(world: World) -> None:
    now = world.paid.received_at
    ClientLink.objects.filter(company=world.company).update(client_code="")
    of_office, own = make_mailbox(now, world.office), make_mailbox(now, world.office, company=world.company)
    client, number = signed_in(world.accountant), world.company.enterprise_number

    page = text_of(client.get(address_of(world), {"client": number, "day": "2026-11-25"}).content.decode())
    assert f"{own.address} E-mail, een per factuur. Ingesteld voor deze klant" in page
    assert f"{of_office.address} Niet: deze klant heeft een eigen bestemming" in page
    assert "Deze klant heeft geen klantcode" in page
    page = text_of(client.get(address_of(world), {"client": number, "day": "1999-01-01"}).content.decode())
    assert "voert op 1 jan 1999 de boekhouding van" in page


def test_the_list_asks_the_same_number_of_queries_however_long_it_is(
    world: World, django_assert_max_num_queries: object
) -> None:
    now, client = world.paid.received_at, signed_in(world.accountant)
    for _turn in range(8):
        make_mailbox(now, world.office)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(address_of(world))


def test_a_server_is_added_its_key_compared_and_then_tried(world: World, tmp_path: Path, settings: Any) -> None:
    settings.SFTP_TIMEOUT_SECONDS = 2
    client = signed_in(world.accountant)
    with sftp_server(tmp_path / "server") as server:
        filled_in = {
            "host": "127.0.0.1",
            "port": server.port,
            "username": "kantoor",
            "password": "geheim",
            "folder": "in/",
        }
        client.post(f"{address_of(world)}add-server/", filled_in | {"client": ""})
        destination = Destination.objects.get()
        path = f"{address_of(world)}{destination.uuid}/"
        shown = fingerprint_of(destination.wanted_host_key)
        assert shown in client.get(path).content.decode()
        client.post(path, {"action": "confirm", "fingerprint": "SHA256:other"})
        destination.refresh_from_db()
        assert destination.state == "unconfirmed"
        client.post(path, {"action": "confirm", "fingerprint": shown})
        tried = client.post(path, {"action": "try"}, follow=True).content.decode()
        client.post(f"{path}server/", {"username": "kantoor", "password": "anders", "folder": "in"})
        refused = client.post(path, {"action": "try"}, follow=True).content.decode()

    destination.refresh_from_db()
    assert (destination.state, destination.folder) == ("active", "in")
    assert "Het werkt: wij logden in" in text_of(tried)
    assert "De server aanvaardt onze gebruikersnaam niet" in text_of(refused)
    assert "geheim" not in tried


@pytest.mark.parametrize("wrong", [{"host": "sftp://x/"}, {"port": "0"}, {"folder": "a/../../b"}, {"username": ""}])
def test_a_server_that_cannot_be_is_refused_and_leaves_no_trace(world: World, wrong: dict[str, str]) -> None:
    filled_in = {"host": "sftp.example.be", "port": "22", "username": "u", "password": "p", "folder": "", "client": ""}

    answer = signed_in(world.accountant).post(f"{address_of(world)}add-server/", filled_in | wrong)

    assert answer.status_code == 200
    assert not Destination.objects.exists()


def test_an_earlier_period_is_asked_for_shown_and_stopped(world: World) -> None:
    destination = make_mailbox(world.paid.received_at, world.office)
    client, path = signed_in(world.accountant), f"{address_of(world)}{destination.uuid}/"
    wish = {"action": "backfill", "first": "2026-11-01", "last": "2026-11-30", "client": ""}

    backwards = client.post(path, wish | {"last": "2026-10-01"}).content.decode()
    assert "De laatste dag ligt voor de eerste" in text_of(backwards)
    assert not Job.objects.exists()
    client.post(path, wish)
    job = Job.objects.get(kind="backfill")
    assert "2026-11-01 – 2026-11-30" in text_of(client.get(f"{path}periods/").content.decode())
    client.post(path, {"action": "stop", "job": str(job.uuid)})
    client.post(path, {"action": "stop", "job": "x"})

    job.refresh_from_db()
    assert (job.state, job.actor) == ("cancelled", f"user:{world.accountant.uuid}")
