"""The trail of what happened, and the reactions that are still due."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One fact, for ever: ids and codes, never names or addresses, so that a person can be erased elsewhere.

    A trigger refuses every UPDATE and DELETE, and TRUNCATE by anyone but the table's owner.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("what"), max_length=60)
    subject_uuid = models.UUIDField(_("about"))
    company_uuid = models.UUIDField(_("company"), null=True)
    actor = models.CharField(_("by"), max_length=80)
    at = models.DateTimeField(_("at"))
    payload = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["subject_uuid", "id"], name="events_event_subject"),
            models.Index(fields=["company_uuid", "id"], name="events_event_company"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an event is never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)


class PendingReaction(models.Model):
    """One reaction of one event that has not run yet. The row is the queue: it is deleted once the reaction ran.

    `started_at` is committed before a run and cleared after it: a row that has one, and that nobody holds the lock
    of, was running in a process that was killed. `deaths` counts those; one too many holds the row for staff.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, related_name="pending_reactions", verbose_name=_("event")
    )
    task = models.CharField(_("task"), max_length=80)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    nudged_at = models.DateTimeField(null=True)
    last_error = models.TextField(_("last error"), blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    deaths = models.PositiveSmallIntegerField(_("times killed"), default=0, db_default=0)
    held_at = models.DateTimeField(_("held since"), null=True, blank=True)

    class Meta:
        verbose_name = _("pending reaction")
        verbose_name_plural = _("pending reactions")
        constraints = [models.UniqueConstraint(fields=["event", "task"], name="events_pendingreaction_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="events_pendingreaction_due"),
            models.Index(fields=["held_at"], condition=Q(held_at__isnull=False), name="events_pendingreaction_held"),
        ]

    def __str__(self) -> str:
        return f"{self.task} after {self.event_id}"
