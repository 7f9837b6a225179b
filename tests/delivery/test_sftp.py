"""Invoices put on a server: whole files under their names, on the right server only, whatever goes wrong on the way."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncssh
import pytest
from django.conf import settings as project_settings

from apps.core.targets import TargetRefused, connect
from apps.delivery import servers
from apps.delivery.destinations import DestinationExists
from apps.delivery.models import Delivery, DeliveryAttempt, Destination
from apps.delivery.sentences import failure_sentence
from apps.delivery.sftp import fingerprint_of
from apps.events.models import Event
from apps.invoices.selectors import read_document
from tests.delivery.conftest import Firm
from tests.journeys.instances import eventually
from tests.journeys.tour import ROOT
from tests.support.sftp_server import SftpServer, release, sftp_server, start, stop

AN_HOUR = timedelta(hours=1)
OUT = "K100/2026/Invoices-OUT-01"


@pytest.fixture(autouse=True)
def short_patience(settings: Any) -> None:
    settings.SFTP_TIMEOUT_SECONDS = 2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    with sftp_server(tmp_path / "server") as running:
        yield running


def add(firm: Firm, server: SftpServer, *, password: str = "geheim", folder: str = "") -> Destination:
    wanted = servers.Server("127.0.0.1", server.port, "kantoor", folder, password)
    return servers.add_server(office=firm.office, company=None, server=wanted, actor="t", now=firm.now)


def confirmed(firm: Firm, server: SftpServer, **ways: Any) -> Destination:
    destination = add(firm, server, **ways)
    assert servers.look_at_key(destination_uuid=destination.uuid) == servers.Trial()
    destination.refresh_from_db()
    shown = fingerprint_of(destination.wanted_host_key)
    return servers.confirm_key(destination_uuid=destination.uuid, fingerprint=shown, actor="t", now=firm.now)


def files(server: SftpServer) -> dict[str, bytes]:
    found = (path for path in sorted(server.folder.rglob("*")) if path.is_file())
    return {path.relative_to(server.folder).as_posix(): path.read_bytes() for path in found}


def test_a_document_lies_whole_in_its_clients_folder(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server, folder="in")
    invoice = firm.send_invoice()

    assert firm.push(destination) == 1

    found = files(server)
    assert list(found) == [f"in/{OUT}/2026-0117_v1.pdf", f"in/{OUT}/2026-0117_v1.xml"]
    assert found[f"in/{OUT}/2026-0117_v1.xml"] == read_document(invoice)
    delivery = Delivery.objects.get(destination=destination)
    assert (delivery.state, delivery.place) == ("delivered", f"{OUT}/2026-0117_v1.xml")
    assert DeliveryAttempt.objects.get().outcome == "done"


def test_many_documents_need_one_login_and_a_correction_is_a_file_of_its_own(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server)
    for number in ("1", "2", "3"):
        firm.send_invoice(number)
    firm.send_invoice("3", price="2000.00")

    assert firm.push(destination) == 4

    assert server.logins == 1
    assert [name for name in files(server) if name.endswith(".xml")] == [
        f"{OUT}/{name}.xml" for name in ("1_v1", "2_v1", "3_v1", "3_v2")
    ]


def test_we_log_in_with_a_key_of_our_own_where_no_password_is_given(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server, password="")
    server.password, server.authorized = "", destination.public_key
    firm.send_invoice()

    assert firm.push(destination) == 1
    assert "PRIVATE KEY" not in destination.sealed_secret


def test_the_password_is_nowhere_in_the_table(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server)

    assert not [row for row in Destination.objects.filter(pk=destination.pk).values() if "geheim" in str(row)]


def test_nothing_goes_to_a_server_whose_key_nobody_confirmed(firm: Firm, server: SftpServer) -> None:
    add(firm, server)
    firm.send_invoice()

    assert not Delivery.objects.exclude(destination=None).exists()
    assert server.logins == 0


def test_only_the_key_that_was_shown_can_be_confirmed(firm: Firm, server: SftpServer) -> None:
    destination = add(firm, server)
    servers.look_at_key(destination_uuid=destination.uuid)

    with pytest.raises(servers.KeyNotTheOneShown):
        servers.confirm_key(destination_uuid=destination.uuid, fingerprint="SHA256:x", actor="t", now=firm.now)

    destination.refresh_from_db()
    assert (destination.state, destination.host_key) == ("unconfirmed", "")


def test_a_server_with_another_key_gets_nothing_until_that_is_confirmed(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server)
    firm.send_invoice()
    stop(server)
    server.key = asyncssh.generate_private_key("ssh-ed25519")
    start(server)

    assert firm.push(destination) == 0
    destination.refresh_from_db()
    assert destination.failure_code == "host_key_changed"
    assert (server.logins, files(server)) == (0, {})

    servers.look_at_key(destination_uuid=destination.uuid)
    destination.refresh_from_db()
    shown = fingerprint_of(destination.wanted_host_key)
    servers.confirm_key(destination_uuid=destination.uuid, fingerprint=shown, actor="t", now=firm.now)
    assert firm.push(destination) == 1


def test_a_file_that_is_there_already_is_recognised_by_its_hash(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server)
    firm.send_invoice()
    firm.push(destination)
    before = files(server)
    Delivery.objects.filter(destination=destination).update(state="failed", due_at=firm.now)

    assert firm.push(destination) == 1

    assert files(server) == before
    assert DeliveryAttempt.objects.latest("id").outcome == "there_already"


def test_another_file_of_that_name_is_left_alone(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server)
    other = server.folder / OUT / "2026-0117_v1.xml"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"somebody else's")
    firm.send_invoice()

    assert firm.push(destination) == 1

    found = files(server)
    assert found[f"{OUT}/2026-0117_v1.xml"] == b"somebody else's"
    assert len([name for name in found if name.startswith(f"{OUT}/2026-0117_v1~")]) == 1


def test_what_dies_in_the_middle_leaves_no_half_file_and_arrives_once(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server)
    for number in ("1", "2", "3"):
        firm.send_invoice(number)
    # Two files a document: it dies within the second document.
    server.dies_after_writes = 3

    assert firm.push(destination) == 1
    destination.refresh_from_db()
    assert destination.failure_code == "connection_lost"
    assert [name for name in files(server) if name.endswith(".xml")] == [f"{OUT}/1_v1.xml"]
    server.dies_after_writes = None
    assert firm.push(destination, after=AN_HOUR) == 2

    assert [name.rpartition("/")[2] for name in files(server)] == [
        f"{number}_v1.{ending}" for number in (1, 2, 3) for ending in ("pdf", "xml")
    ]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("silent", "too_slow"),
        ("password", "login_refused"),
        ("read_only", "no_right_to_write"),
        ("closed", "unreachable"),
    ],
)
def test_what_goes_wrong_is_told_in_words_and_everything_waits(
    firm: Firm, server: SftpServer, fault: str, code: str
) -> None:
    destination = confirmed(firm, server)
    firm.send_invoice("1")
    firm.send_invoice("2")
    if fault == "closed":
        stop(server)
    server.is_silent, server.is_read_only = fault == "silent", fault == "read_only"
    server.password = "anders" if fault == "password" else "geheim"

    assert firm.push(destination) == 0
    trial = servers.try_server(destination_uuid=destination.uuid)

    destination.refresh_from_db()
    assert destination.failure_code == code
    assert trial.sentence == failure_sentence(code)
    assert set(Delivery.objects.filter(destination=destination).values_list("state", "failure_code")) == {
        ("failed", code)
    }
    assert DeliveryAttempt.objects.count() == 1, "one finds out for all of them"
    if fault == "closed":
        start(server)
    server.is_silent, server.is_read_only, server.password = False, False, "geheim"
    assert firm.push(destination, after=AN_HOUR) == 2


def test_trying_it_leaves_nothing_behind(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server, folder="in")

    assert servers.try_server(destination_uuid=destination.uuid) == servers.Trial()
    assert files(server) == {}


def test_a_name_that_nobody_has_is_told(firm: Firm) -> None:
    wanted = servers.Server("niets.invalid", 22, "kantoor", "", "geheim")
    destination = servers.add_server(office=firm.office, company=None, server=wanted, actor="t", now=firm.now)

    trial = servers.look_at_key(destination_uuid=destination.uuid)

    assert trial.sentence in {failure_sentence("host_unknown"), failure_sentence("unreachable")}


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "::ffff:10.0.0.1", "0.0.0.0", "fe80::1"]
)
def test_private_networks_are_not_reached(host: str) -> None:
    with pytest.raises(TargetRefused) as refused:
        connect(host, 22, seconds=1)

    assert refused.value.code == "host_private"


def test_this_machine_itself_is_reached_in_the_embedded_default_only(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        connect("127.0.0.1", port, seconds=1).close()
        settings.EMBEDDED = False

        with pytest.raises(TargetRefused):
            connect("127.0.0.1", port, seconds=1)


def test_the_same_server_twice_is_refused_and_leaves_no_trace(firm: Firm, server: SftpServer) -> None:
    add(firm, server)
    events = Event.objects.count()

    with pytest.raises(DestinationExists):
        add(firm, server)

    assert (Destination.objects.count(), Event.objects.count()) == (1, events)


def test_the_account_can_be_changed_and_begins_anew(firm: Firm, server: SftpServer) -> None:
    destination = confirmed(firm, server, password="verkeerd")
    firm.send_invoice()
    assert firm.push(destination) == 0

    servers.change_server(
        destination_uuid=destination.uuid, username="kantoor", folder="", password="geheim", actor="t", now=firm.now
    )

    assert firm.push(destination) == 1


PUSHER = """
import django; django.setup()
from apps.core import clock
from apps.delivery.pushing import push
push(destination_id={pk}, read_clock=clock.now)
"""


def pusher(destination: Destination) -> "subprocess.Popen[bytes]":
    address = urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "DATABASE_URL": address._replace(path=f"/{project_settings.DATABASES['default']['NAME']}").geturl(),
        "BLOB_DIR": str(project_settings.BLOB_DIR),
        "SFTP_TIMEOUT_SECONDS": "60",
    }
    command = [sys.executable, "-c", PUSHER.format(pk=destination.pk)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_while_it_sends_loses_nothing_and_sends_nothing_twice(
    firm: Firm, server: SftpServer
) -> None:
    destination = confirmed(firm, server)
    for number in ("1", "2", "3"):
        firm.send_invoice(number)
    Delivery.objects.filter(destination=destination).update(due_at="2026-01-01T00:00:00Z")
    server.stalls_after_writes = 3
    process = pusher(destination)
    eventually(lambda: server.writes > 3 or process.poll() is not None, seconds=60)
    assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    release(server)
    assert Delivery.objects.filter(destination=destination, state="delivered").count() == 1

    assert eventually(lambda: firm.push(destination, after=AN_HOUR) or None, seconds=30) == 2

    assert [name.rpartition("/")[2] for name in files(server)] == [
        f"{number}_v1.{ending}" for number in (1, 2, 3) for ending in ("pdf", "xml")
    ]
    outcomes = DeliveryAttempt.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["done", "interrupted", "done", "done"]
