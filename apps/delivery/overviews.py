"""Destinations as people of their office see them: their health, what waits there, and the log of attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, Q

from apps.accounting_offices.models import AccountingOffice
from apps.companies.rules import mask_address
from apps.core.errors import NotFound
from apps.delivery.models import Delivery, DeliveryAttempt, Destination
from apps.delivery.rules import BUNDLE, REDELIVERY, Channel, DeliveryState, DestinationState
from apps.delivery.sentences import failure_remedy, failure_sentence
from apps.jobs.models import Job
from apps.users.models import User

_WAITS: Final = Q(state=DeliveryState.PENDING) | Q(due_at__isnull=False) | Q(mailing__due_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Health:
    """A destination with how much waits for it, and how much was given up."""

    destination: Destination
    waiting: int
    given_up: int

    @property
    def state(self) -> str:
        """Return its state as a badge shows it: one that works and fails is `failing`."""
        is_failing = self.destination.state == DestinationState.ACTIVE and self.destination.failures > 0
        return "failing" if is_failing else str(self.destination.state)

    @property
    def reason(self) -> str:
        """Return why it fails, as a sentence."""
        return failure_sentence(self.destination.failure_code) if self.destination.failures else ""

    @property
    def remedy(self) -> str:
        """Return what can be done about it."""
        return failure_remedy(self.destination.failure_code) if self.destination.failures else ""


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """An attempt with what it was about: one invoice, or the documents of a daily message."""

    attempt: DeliveryAttempt
    documents: int

    @property
    def reason(self) -> str:
        """Return why it failed, as a sentence."""
        return failure_sentence(self.attempt.code) if self.attempt.code else ""


def list_destinations(*, office: AccountingOffice) -> list[Health]:
    """Return an office's destinations, its own first, then those of its clients by name; two queries."""
    rows = Destination.objects.filter(office=office).exclude(state=DestinationState.REMOVED)
    found = list(rows.select_related("company", "office").order_by("company__name", "id"))
    found.sort(key=lambda row: row.company_id is not None)
    return _healths(found)


def _healths(found: Sequence[Destination]) -> list[Health]:
    counts = {
        row["destination"]: row
        for row in Delivery.objects.filter(destination__in=[row.pk for row in found], state__in=["pending", "failed"])
        .values("destination")
        .annotate(waiting=Count("pk", filter=_WAITS), given_up=Count("pk", filter=~_WAITS))
    }
    nothing = {"waiting": 0, "given_up": 0}
    return [
        Health(row, counts.get(row.pk, nothing)["waiting"], counts.get(row.pk, nothing)["given_up"]) for row in found
    ]


def _health(destination: Destination) -> Health:
    return _healths([destination])[0]


def get_destination(*, viewer: User, office_uuid: UUID, destination_uuid: UUID) -> Health:
    """Return a destination, a removed one too, of an office of which the person is a member.

    :raises NotFound: for strangers, as for nothing at all.
    """
    found = Destination.objects.select_related("office", "company").filter(
        uuid=destination_uuid, office__uuid=office_uuid, office__members__user=viewer
    )
    destination = found.first()
    if destination is None:
        raise NotFound
    return _health(destination)


def list_attempts(*, destination: Destination, newest: int) -> list[LoggedAttempt]:
    """Return the newest attempts at a destination, with their invoices; two queries."""
    rows = DeliveryAttempt.objects.filter(destination=destination).order_by("-id")
    found = list(rows.select_related("delivery__invoice__company", "mailing")[:newest])
    inside = Delivery.objects.filter(mailing__in=[row.mailing_id for row in found if row.mailing_id])
    counts = dict(inside.values_list("mailing").annotate(count=Count("pk")))
    return [LoggedAttempt(row, counts.get(row.mailing_id, 1)) for row in found]


def list_not_there(*, destination: Destination, at_most: int) -> list[Delivery]:
    """Return what is not at a destination yet, or was given up, oldest first."""
    rows = Delivery.objects.filter(destination=destination, state__in=["pending", "failed"]).order_by("id")
    return list(rows.select_related("invoice__company")[:at_most])


def list_large_work(*, subject_uuid: UUID, newest: int) -> list[Job]:
    """Return the archives and redeliveries of large selections that an office or company asked for, newest first."""
    asked = Job.objects.filter(subject_uuid=subject_uuid, kind__in=[BUNDLE, REDELIVERY])
    return list(asked.select_related("bundle").order_by("-id")[:newest])


def count_failing(*, office: AccountingOffice) -> int:
    """Count the destinations of an office that fail at this moment."""
    return Destination.objects.filter(office=office, state=DestinationState.ACTIVE, failures__gt=0).count()


def describe(delivery: Delivery) -> str:
    """Return what a company and its software may know of a delivery: never whose address in full, nor which server."""
    if delivery.state == DeliveryState.FAILED and delivery.failure_code:
        return failure_sentence(delivery.failure_code)
    if delivery.destination is None:
        return ""
    version = f"v{delivery.version}"
    if delivery.channel in {Channel.EMAIL, Channel.EMAIL_DAILY}:
        return f"{version} {mask_address(delivery.destination.address)}"
    return f"{version} {delivery.place}".strip()
