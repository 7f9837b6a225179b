"""Setting up where documents are taken: a person of the office adds a destination, its reader confirms it.

An address of a destination gets invoices of strangers' customers, so nothing goes to one until a link that was mailed
there was followed. Another address replaces the present one only then; meanwhile that one goes on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.core.errors import DomainError, NotFound
from apps.core.letters import GIVE_UP_AFTER
from apps.core.row_limits import seconds_to_wait
from apps.core.states import check_transition
from apps.delivery import emails
from apps.delivery.models import Delivery, Destination, Mailing
from apps.delivery.rules import (
    DESTINATION_TRANSITIONS,
    MAIL_CHANNELS,
    Channel,
    DeliveryState,
    DestinationState,
)
from apps.events import services as events
from apps.users.models import MailedLink
from apps.users.rules import LinkPurpose, LinkStanding
from apps.users.selectors import standing_of
from apps.users.services import LinkNotUsable, TooManyMails, make_link, use_link

REMOVED: Final = "destination_removed"
_CONFIRMATION: Final = LinkPurpose.DESTINATION_CONFIRMATION


class DestinationExists(DomainError):
    """The office, or that client of it, has this destination already."""

    code = "destination_exists"
    sentence = _("Documents already go to this address in this way.")


class TooManyDestinations(DomainError):
    """An office, or one client of it, has as many destinations as we keep."""

    code = "too_many_destinations"
    sentence = _("There are %(limit)s destinations already. Remove one first.")


@transaction.atomic
def add_mail_destination(
    *,
    office: AccountingOffice,
    company: Company | None,
    channel: Channel,
    address: str,
    actor: str,
    now: datetime,
) -> Destination:
    """Add an address for an office's documents, or for those of one client; a link is mailed to it.

    The caller checked that the office keeps that company's books.

    :raises DestinationExists: when it is there already, confirmed or not.
    :raises TooManyDestinations: when there are enough.
    :raises TooManyMails: when too many links were mailed.
    """
    address = address.strip()
    lock_office(office)
    _check_address(check_room(office, company), channel, address)
    check_link_mails(office, now)
    destination = Destination.objects.create(
        office=office,
        company=company,
        channel=channel,
        state=DestinationState.UNCONFIRMED,
        state_at=now,
        wanted_address=address,
        created_at=now,
    )
    record("destination.added", destination, actor=actor, now=now, channel=channel.value)
    _ask_confirmation(destination, actor, now)
    return destination


@transaction.atomic
def change_address(*, destination_uuid: UUID, address: str, actor: str, now: datetime) -> Destination:
    """Ask for another address; the present one goes on until the new one is confirmed.

    Asking for the one that waits mails its link again; asking for the present one drops the change.

    :raises NotFound: when there is no such destination.
    :raises DestinationExists: when the office has that one already.
    :raises TooManyMails: when too many links were mailed.
    """
    destination, address = lock_destination(destination_uuid), address.strip()
    if address.casefold() == destination.address.casefold():
        destination.wanted_address = ""
        destination.save(update_fields=["wanted_address"])
        record("destination.change_dropped", destination, actor=actor, now=now)
        return destination
    others = _same_place(destination.office, destination.company).exclude(pk=destination.pk)
    _check_address(others, Channel(destination.channel), address)
    check_link_mails(destination.office, now)
    destination.wanted_address = address
    destination.save(update_fields=["wanted_address"])
    record("destination.change_asked", destination, actor=actor, now=now)
    _ask_confirmation(destination, actor, now)
    return destination


@transaction.atomic
def confirm_address(*, link_uuid: UUID, now: datetime) -> Destination:
    """Let documents go to the address whose reader followed the link. Of two at once one succeeds.

    :raises NotFound: when the link is of no destination.
    :raises LinkNotUsable: when it was used or replaced, its time is over, or another address is wanted by now.
    """
    _link, destination = _lock_of_link(link_uuid)
    link = use_link(link_uuid=link_uuid, purpose=_CONFIRMATION, now=now)
    if destination.wanted_address.casefold() != link.address.casefold():
        raise LinkNotUsable(standing=LinkStanding.REPLACED.value)
    destination.address, destination.wanted_address, destination.confirmed_at = link.address, "", now
    destination.save(update_fields=["address", "wanted_address", "confirmed_at"])
    if destination.state == DestinationState.UNCONFIRMED:
        move(destination, DestinationState.ACTIVE, now)
    forget_failures(destination)
    record("destination.confirmed", destination, actor="mail link", now=now)
    return destination


@transaction.atomic
def renew_confirmation(*, link_uuid: UUID, now: datetime) -> Destination:
    """Mail a new link to the same address, when the time of its link is over.

    :raises NotFound: when the link is of no destination.
    :raises LinkNotUsable: when it was used, or replaced by a newer one.
    :raises TooManyMails: when too many were mailed.
    """
    link, destination = _lock_of_link(link_uuid)
    standing = standing_of(link, now=now)
    if standing is not LinkStanding.EXPIRED or destination.wanted_address.casefold() != link.address.casefold():
        raise LinkNotUsable(standing=standing.value)
    _ask_confirmation(destination, "mail link", now)
    return destination


@transaction.atomic
def pause(*, destination_uuid: UUID, actor: str, now: datetime) -> Destination:
    """Let what comes wait, until it is resumed; pausing twice changes nothing.

    :raises IllegalTransition: when it is not confirmed yet.
    """
    return _step(destination_uuid, DestinationState.PAUSED, "destination.paused", actor, now)


@transaction.atomic
def resume(*, destination_uuid: UUID, actor: str, now: datetime) -> Destination:
    """Send again, first what waited.

    :raises IllegalTransition: when it is not paused.
    """
    return _step(destination_uuid, DestinationState.ACTIVE, "destination.resumed", actor, now)


@transaction.atomic
def remove(*, destination_uuid: UUID, actor: str, now: datetime) -> Destination:
    """Send nothing there any more; what still waited fails with `destination_removed`. Its log stays."""
    destination = _step(destination_uuid, DestinationState.REMOVED, "destination.removed", actor, now)
    waiting = Delivery.objects.filter(destination=destination, state__in=[DeliveryState.PENDING, DeliveryState.FAILED])
    waiting.filter(Q(due_at__isnull=False) | Q(state=DeliveryState.PENDING)).update(
        state=DeliveryState.FAILED, state_at=now, due_at=None, failure_code=REMOVED
    )
    Mailing.objects.filter(destination=destination, due_at__isnull=False).update(due_at=None)
    MailedLink.objects.open().filter(purpose=_CONFIRMATION, subject_uuid=destination.uuid).update(withdrawn_at=now)
    return destination


def send_confirmation(*, destination_uuid: UUID, now: datetime) -> bool:
    """Hand over the mail with the newest link, while it works; repeated it is the same message."""
    destination = Destination.objects.select_related("office", "company").get(uuid=destination_uuid)
    links = MailedLink.objects.open().filter(purpose=_CONFIRMATION, subject_uuid=destination.uuid)
    link = links.filter(address__iexact=destination.wanted_address).order_by("-made_at", "-id").first()
    if link is None or standing_of(link, now=now) is not LinkStanding.USABLE or now - link.made_at > GIVE_UP_AFTER:
        return False
    emails.destination_confirmation(destination, link).send()
    return True


def lock_office(office: AccountingOffice) -> None:
    """Let one at a time add to an office's destinations."""
    AccountingOffice.objects.select_for_update(of=("self",), no_key=True).get(pk=office.pk)


def lock_destination(destination_uuid: UUID) -> Destination:
    """Take a destination's row in the caller's transaction, its office and client joined.

    :raises NotFound: when there is none, or it was removed.
    """
    locked = Destination.objects.select_for_update(of=("self",), no_key=True).select_related("office", "company")
    destination = locked.filter(uuid=destination_uuid).exclude(state=DestinationState.REMOVED).first()
    if destination is None:
        raise NotFound
    return destination


def _lock_of_link(link_uuid: UUID) -> tuple[MailedLink, Destination]:
    """Return a link and its destination, which is locked.

    :raises NotFound: when the link is of no destination, or of one that was removed.
    """
    link = MailedLink.objects.filter(uuid=link_uuid, purpose=_CONFIRMATION).first()
    if link is None:
        raise NotFound
    return link, lock_destination(link.subject_uuid)


def move(destination: Destination, state: DestinationState, now: datetime) -> None:
    """Take a step of the state machine; the row is locked."""
    check_transition(DESTINATION_TRANSITIONS, DestinationState(destination.state), state)
    destination.state, destination.state_at = state, now
    destination.save(update_fields=["state", "state_at"])


def forget_failures(destination: Destination) -> None:
    """Begin anew with a destination that was changed or works again; what waited is sent now."""
    destination.failures, destination.failing_since, destination.retry_at = 0, None, None
    destination.failure_code = destination.failure_answer = ""
    destination.office_told_at = None
    destination.save(
        update_fields=[
            "failures", "failing_since", "retry_at", "failure_code", "failure_answer", "office_told_at",
        ]
    )  # fmt: skip


def record(name: str, destination: Destination, *, actor: str, now: datetime, **payload: Any) -> None:
    """Record who did what to a destination; never an address, so that a person can be erased."""
    company_uuid = destination.company.uuid if destination.company else None
    payload["office"] = str(destination.office.uuid)
    events.record(name, subject_uuid=destination.uuid, company_uuid=company_uuid, actor=actor, now=now, payload=payload)


def _step(uuid: UUID, state: DestinationState, event: str, actor: str, now: datetime) -> Destination:
    destination = lock_destination(uuid)
    if destination.state == state:
        return destination
    move(destination, state, now)
    if state is DestinationState.ACTIVE:
        forget_failures(destination)
    record(event, destination, actor=actor, now=now)
    return destination


def check_room(office: AccountingOffice, company: Company | None) -> Sequence[Destination]:
    """Return the destinations of an office, or of a client of it, when there may be one more.

    :raises TooManyDestinations: when there may not.
    """
    present = list(_same_place(office, company))
    if len(present) >= settings.MOST_DESTINATIONS:
        raise TooManyDestinations(limit=settings.MOST_DESTINATIONS)
    return present


def _check_address(others: Any, channel: Channel, address: str) -> None:
    for other in others:
        known = {other.address.casefold(), other.wanted_address.casefold()} - {""}
        if other.channel == channel and other.channel in MAIL_CHANNELS and address.casefold() in known:
            raise DestinationExists


def _same_place(office: AccountingOffice, company: Company | None) -> Any:
    return Destination.objects.filter(office=office, company=company).exclude(state=DestinationState.REMOVED)


def check_link_mails(office: AccountingOffice, now: datetime) -> None:
    """Return when a link more may be mailed for an office: each goes to an address that somebody chose."""
    subjects = Destination.objects.filter(office=office).values("uuid")
    links = MailedLink.objects.filter(purpose=_CONFIRMATION, subject_uuid__in=subjects)
    limit = settings.DESTINATION_LINKS_PER_DAY
    if wait := seconds_to_wait(links, at="made_at", limit=limit, period=timedelta(days=1), now=now):
        raise TooManyMails(retry_after=wait)


def _ask_confirmation(destination: Destination, actor: str, now: datetime) -> None:
    earlier = MailedLink.objects.open().filter(purpose=_CONFIRMATION, subject_uuid=destination.uuid)
    earlier.exclude(address__iexact=destination.wanted_address).update(replaced_at=now)
    make_link(
        purpose=_CONFIRMATION,
        subject_uuid=destination.uuid,
        address=destination.wanted_address,
        language=destination.office.language,
        role="",
        life=timedelta(days=settings.CONTACT_CONFIRMATION_DAYS),
        actor=actor,
        now=now,
    )
    record("destination.confirmation_asked", destination, actor=actor, now=now)
