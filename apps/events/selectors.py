"""Reading the trail."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Min, QuerySet

from apps.events.models import Event, PendingReaction


def list_events_of(subject_uuids: Iterable[UUID]) -> QuerySet[Event]:
    """Return the events of some subjects, oldest first."""
    return Event.objects.filter(subject_uuid__in=list(subject_uuids)).order_by("id")


def last_event_of(subject_uuid: UUID, name: str) -> Event | None:
    """Return the newest event of a subject with this name."""
    return Event.objects.filter(subject_uuid=subject_uuid, name=name).order_by("-id").first()


def list_events_of_companies(company_uuids: Iterable[UUID]) -> QuerySet[Event]:
    """Return the events of some companies, newest first."""
    return Event.objects.filter(company_uuid__in=list(company_uuids)).order_by("-id")


def oldest_due_reaction(*, now: datetime) -> datetime | None:
    """Return since when the oldest due reaction waits, or nothing when none is due."""
    due = PendingReaction.objects.filter(due_at__lte=now, held_at=None)
    oldest: datetime | None = due.aggregate(oldest=Min("due_at"))["oldest"]
    return oldest


def count_held_reactions() -> int:
    """Return how many reactions were killed too often and wait for staff."""
    return PendingReaction.objects.filter(held_at__isnull=False).count()


def find_pending_reaction(*, task: str, subject_uuid: UUID) -> PendingReaction | None:
    """Return what a task has still to do for a subject, with its last error, or nothing when it is done."""
    return PendingReaction.objects.filter(task=task, event__subject_uuid=subject_uuid).first()


def subjects_held_by(task: str, subject_uuids: Iterable[UUID]) -> set[UUID]:
    """Return for which of some subjects a task is held."""
    held = PendingReaction.objects.filter(held_at__isnull=False, task=task, event__subject_uuid__in=list(subject_uuids))
    return set(held.values_list("event__subject_uuid", flat=True))
