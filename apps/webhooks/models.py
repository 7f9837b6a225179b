"""Where a software wants to hear what happens, what it is told, and every attempt to tell it."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.fields import CodeField
from apps.tokens.models import Software
from apps.webhooks.labels import ENDPOINT_STATES, MESSAGE_STATES, OUTCOMES
from apps.webhooks.rules import ANSWER_LENGTH, LONGEST_URL


class Endpoint(models.Model):
    """An address of a software that is told what happens: active ⇄ paused, and off → active again.

    `stop_code` says why we paused it; it is blank when a person did. The secret is stored encrypted (`core.sealing`);
    the former one signs beside it until `former_until`. The columns from `failures` on are its health.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, related_name="webhook_endpoints", verbose_name=_("software")
    )
    url = models.CharField(_("address"), max_length=LONGEST_URL)
    topics = ArrayField(models.CharField(max_length=40), verbose_name=_("events"))
    sealed_secret = models.TextField(editable=False)
    former_sealed_secret = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(_("former secret until"), null=True, blank=True)
    state = CodeField(_("state"), max_length=10, words=ENDPOINT_STATES)
    state_at = models.DateTimeField(_("since"))
    stop_code = models.CharField(_("paused by us because of"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"))
    delivered_at = models.DateTimeField(_("last delivered"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    retry_at = models.DateTimeField(_("tried again"), null=True, blank=True)
    failure_code = models.CharField(_("reason"), max_length=40, blank=True)
    failure_answer = models.CharField(_("answer"), max_length=ANSWER_LENGTH, blank=True)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        constraints = [
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True, failure_code="")
                | (Q(failures__gt=0, failing_since__isnull=False) & ~Q(failure_code="")),
                name="webhooks_endpoint_failing_since",
            ),
            models.CheckConstraint(
                condition=Q(former_sealed_secret="") | Q(former_until__isnull=False),
                name="webhooks_endpoint_former_until",
            ),
            models.CheckConstraint(
                condition=Q(stop_code="") | Q(state="paused"), name="webhooks_endpoint_stopped_is_paused"
            ),
        ]
        indexes = [models.Index(fields=["software"], condition=~Q(state="off"), name="webhooks_endpoint_hearing")]

    def __str__(self) -> str:
        return self.url


class Message(models.Model):
    """One event for one endpoint: pending → delivered | failed; replayed it is pending again, as the same message.

    Triggers write it in the transaction of the event (`migrations/0002_queue`); it is due until it is taken or given
    up. `body` is what is posted, written before the first attempt and the same in all.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, db_index=False, related_name="messages", verbose_name=_("endpoint")
    )
    topic = models.CharField(_("event"), max_length=40)
    event_id = models.BigIntegerField(_("number in the trail"), null=True, blank=True)
    subject_uuid = models.UUIDField(_("about"))
    particulars = models.JSONField(_("particulars"), default=dict)
    happened_at = models.DateTimeField(_("happened"))
    body = models.TextField(_("body"), blank=True)
    state = CodeField(_("state"), max_length=10, words=MESSAGE_STATES)
    state_at = models.DateTimeField(_("since"))
    queued_at = models.DateTimeField(_("queued"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    failure_code = models.CharField(_("reason"), max_length=40, blank=True)
    replayed_at = models.DateTimeField(_("replayed"), null=True, blank=True)

    class Meta:
        verbose_name = _("message to a software")
        verbose_name_plural = _("messages to software")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhooks_message_once"),
            models.CheckConstraint(
                condition=Q(state="pending", due_at__isnull=False)
                | Q(state="delivered", due_at__isnull=True, delivered_at__isnull=False)
                | (Q(state="failed", due_at__isnull=True) & ~Q(failure_code="")),
                name="webhooks_message_state_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at", "id"], condition=Q(due_at__isnull=False), name="webhooks_message_due"
            ),
            models.Index(fields=["endpoint", "-id"], name="webhooks_message_log"),
            models.Index(fields=["endpoint", "state", "-id"], name="webhooks_message_by_state"),
            models.Index(fields=["queued_at"], name="webhooks_message_age"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.uuid}"


class Attempt(models.Model):
    """One try to hand a message over, and what the other side answered; written before it begins.

    One without an end belongs to a process that still tries, or that was killed: the next one marks it.
    """

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts", verbose_name=_("message"))
    url = models.CharField(_("address"), max_length=LONGEST_URL)
    signature = models.CharField(_("signature"), max_length=200)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = CodeField(_("outcome"), max_length=15, words=OUTCOMES, blank=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    code = models.CharField(_("reason"), max_length=40, blank=True)
    answer = models.CharField(_("answer"), max_length=ANSWER_LENGTH, blank=True)

    class Meta:
        verbose_name = _("attempt to tell a software")
        verbose_name_plural = _("attempts to tell software")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="webhooks_attempt_ended_somehow",
            )
        ]
        indexes = [models.Index(fields=["id"], condition=Q(ended_at__isnull=True), name="webhooks_attempt_open")]

    def __str__(self) -> str:
        return f"{self.outcome or 'under way'} {self.started_at}"
