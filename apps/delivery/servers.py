"""Setting up a server for files: its key is shown to a person, who confirms it; trying it; its secret.

Whoever could pretend to be the server would get every invoice, so nothing goes there before somebody compared its
fingerprint with what the server's own people say.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.core.errors import DomainError
from apps.core.sealing import seal
from apps.delivery.destinations import (
    DestinationExists,
    check_room,
    forget_failures,
    lock_destination,
    lock_office,
    move,
    record,
)
from apps.delivery.models import Destination
from apps.delivery.rules import Channel, DestinationState
from apps.delivery.sending import SEALED_FOR, account_of
from apps.delivery.sentences import failure_sentence
from apps.delivery.sftp import SftpFailed, SftpSession, fingerprint_of, make_key_pair, read_host_key

_TRIAL_FILE: Final = "codabox-test.txt"


class KeyNotTheOneShown(DomainError):
    """The key to be confirmed is not the one that the person saw."""

    code = "key_not_the_one_shown"
    sentence = _("The server's key was read again in the meantime. Look at it once more.")


@dataclass(frozen=True, slots=True)
class Server:
    """What a person fills in; an empty password has a key made for the account."""

    host: str
    port: int
    username: str
    folder: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trial:
    """How trying a server ended: what failed, as a sentence, and what it said; no sentence when nothing did."""

    sentence: str = ""
    answer: str = ""


@transaction.atomic
def add_server(
    *, office: AccountingOffice, company: Company | None, server: Server, actor: str, now: datetime
) -> Destination:
    """Add a server for an office's documents, or for those of one client; its key is still to be confirmed.

    :raises DestinationExists: when it is there already.
    :raises TooManyDestinations: when there are enough.
    """
    lock_office(office)
    same = (Channel.SFTP, server.host.casefold(), server.port, server.username, server.folder)
    for other in check_room(office, company):
        if (other.channel, other.host.casefold(), other.port, other.username, other.folder) == same:
            raise DestinationExists
    destination = Destination(
        office=office,
        company=company,
        channel=Channel.SFTP,
        state=DestinationState.UNCONFIRMED,
        state_at=now,
        created_at=now,
        host=server.host,
        port=server.port,
        username=server.username,
        folder=server.folder,
    )
    _put_secret(destination, server.password)
    destination.save()
    record("destination.added", destination, actor=actor, now=now, channel=Channel.SFTP.value)
    return destination


@transaction.atomic
def change_server(
    *, destination_uuid: UUID, username: str, folder: str, password: str | None, actor: str, now: datetime
) -> Destination:
    """Change the account or the folder; the server itself stays. None keeps the secret, an empty one makes a key.

    :raises NotFound: when there is no such destination.
    """
    destination = lock_destination(destination_uuid)
    destination.username, destination.folder = username, folder
    if password is not None:
        _put_secret(destination, password)
    destination.save(update_fields=["username", "folder", "sealed_secret", "public_key"])
    forget_failures(destination)
    record("destination.changed", destination, actor=actor, now=now)
    return destination


def look_at_key(*, destination_uuid: UUID) -> Trial:
    """Ask the server for its key, which a person then compares and confirms; the one that is confirmed stays."""
    destination = Destination.objects.get(uuid=destination_uuid)
    try:
        shown = read_host_key(destination.host, destination.port, seconds=settings.SFTP_TIMEOUT_SECONDS)
    except SftpFailed as error:
        return Trial(failure_sentence(error.code), error.answer)
    with transaction.atomic():
        destination = lock_destination(destination_uuid)
        destination.wanted_host_key = "" if shown == destination.host_key else shown
        destination.save(update_fields=["wanted_host_key"])
    return Trial()


@transaction.atomic
def confirm_key(*, destination_uuid: UUID, fingerprint: str, actor: str, now: datetime) -> Destination:
    """Let documents go to the server that has the key of this fingerprint.

    :raises NotFound: when there is no such destination.
    :raises KeyNotTheOneShown: when another key waits by now, or none.
    """
    destination = lock_destination(destination_uuid)
    if not destination.wanted_host_key or fingerprint_of(destination.wanted_host_key) != fingerprint:
        raise KeyNotTheOneShown
    destination.host_key, destination.wanted_host_key, destination.confirmed_at = destination.wanted_host_key, "", now
    destination.save(update_fields=["host_key", "wanted_host_key", "confirmed_at"])
    if destination.state == DestinationState.UNCONFIRMED:
        move(destination, DestinationState.ACTIVE, now)
    forget_failures(destination)
    record("destination.confirmed", destination, actor=actor, now=now)
    return destination


def try_server(*, destination_uuid: UUID) -> Trial:
    """Connect, log in, write a small file and delete it; says in plain words what failed. Changes nothing here."""
    destination = Destination.objects.get(uuid=destination_uuid)
    try:
        with SftpSession(account_of(destination), seconds=settings.SFTP_TIMEOUT_SECONDS) as session:
            folder = destination.folder
            session.put(folder, _TRIAL_FILE, b"This file may be deleted.\n")
            session.remove(f"{folder}/{_TRIAL_FILE}" if folder else _TRIAL_FILE)
    except InvalidToken:
        return Trial(failure_sentence("secret_unreadable"))
    except FileExistsError:
        # Somebody's own file has the name: writing was not refused, and it stays theirs.
        return Trial()
    except SftpFailed as error:
        return Trial(failure_sentence(error.code), error.answer)
    return Trial()


def fingerprints_of(destination: Destination) -> dict[str, str]:
    """Return the fingerprints of a server's keys: `confirmed`, and `wanted` for the one that waits; blank for none."""
    kept, wanted = destination.host_key, destination.wanted_host_key
    return {"confirmed": fingerprint_of(kept) if kept else "", "wanted": fingerprint_of(wanted) if wanted else ""}


def _put_secret(destination: Destination, password: str) -> None:
    secret, destination.public_key = (password, "") if password else make_key_pair()
    destination.sealed_secret = seal(secret, purpose=SEALED_FOR)
