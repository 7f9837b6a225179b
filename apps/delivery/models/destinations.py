"""Where documents are taken, the deliveries of invoices to accounting offices, and every attempt."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.core.fields import CodeField
from apps.delivery.labels import CHANNELS, DELIVERY_STATES, DESTINATION_STATES, OCCASIONS, OUTCOMES
from apps.delivery.rules import (
    ANSWER_LENGTH,
    PUSH_CHANNELS,
    SSH_PORT,
    Channel,
    Occasion,
)
from apps.invoices.models import Invoice


class Destination(models.Model):
    """Where documents are taken for an office, or for one client of it: unconfirmed → active ⇄ paused → removed.

    A client's own destinations of a channel replace the office's of that channel. `address` is the one that is
    confirmed, `wanted_address` waits to be; the same holds for the keys of a server. The columns from `failures` on
    are its health: how often it failed in a row, since when, when it is tried again, and what the other side said.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    office = models.ForeignKey(
        AccountingOffice, on_delete=models.PROTECT, related_name="destinations", verbose_name=_("accounting office")
    )
    company = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="destinations",
        verbose_name=_("company"),
    )
    channel = CodeField(_("channel"), max_length=12, words={channel: CHANNELS[channel] for channel in PUSH_CHANNELS})
    state = CodeField(_("state"), max_length=12, words=DESTINATION_STATES)
    state_at = models.DateTimeField(_("since"))
    address = models.EmailField(_("e-mail address"), blank=True)
    wanted_address = models.EmailField(_("address to be confirmed"), blank=True)
    host = models.CharField(_("server"), max_length=253, blank=True, default="", db_default="")
    port = models.PositiveIntegerField(_("port"), default=22, db_default=22)
    username = models.CharField(_("user name"), max_length=100, blank=True, default="", db_default="")
    folder = models.CharField(_("folder"), max_length=200, blank=True, default="", db_default="")
    # The password, or the private key that belongs to `public_key`; encrypted (`core.sealing`).
    sealed_secret = models.TextField(blank=True, default="", db_default="", editable=False)
    public_key = models.CharField(_("our public key"), max_length=200, blank=True, default="", db_default="")
    host_key = models.TextField(_("key of the server"), blank=True, default="", db_default="")
    wanted_host_key = models.TextField(_("key to be confirmed"), blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    composed_on = models.DateField(_("last collected"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("last delivered"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    retry_at = models.DateTimeField(_("tried again"), null=True, blank=True)
    failure_code = models.CharField(_("reason"), max_length=40, blank=True)
    failure_answer = models.CharField(_("answer"), max_length=ANSWER_LENGTH, blank=True)
    office_told_at = models.DateTimeField(_("office told"), null=True, blank=True)

    class Meta:
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["unconfirmed", "removed"]) | Q(confirmed_at__isnull=False),
                name="delivery_destination_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True, failure_code="")
                | (Q(failures__gt=0, failing_since__isnull=False) & ~Q(failure_code="")),
                name="delivery_destination_failing_since",
            ),
            models.CheckConstraint(
                condition=~Q(channel="sftp")
                | (~Q(host="") & ~Q(sealed_secret="") & (Q(state__in=["unconfirmed", "removed"]) | ~Q(host_key=""))),
                name="delivery_destination_server_known",
            ),
            models.UniqueConstraint(
                fields=["office", "company", "channel", "address"],
                condition=Q(state__in=["active", "paused"], channel__in=["email", "email_daily"]),
                nulls_distinct=False,
                name="delivery_destination_address_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "company"],
                condition=Q(state__in=["active", "paused"]),
                name="delivery_destination_live",
            )
        ]

    def __str__(self) -> str:
        return f"{CHANNELS[self.channel]}: {self.place}"

    @property
    def place(self) -> str:
        """Return where it is, as a person of the office calls it."""
        if self.channel == Channel.SFTP:
            port = "" if self.port == SSH_PORT else f":{self.port}"
            return f"{self.username}@{self.host}{port}/{self.folder}".rstrip("/")
        return self.address or self.wanted_address


class Mailing(models.Model):
    """One part of a daily message: what it holds is fixed before it is sent, so that a repeated one is the same."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    destination = models.ForeignKey(
        Destination, on_delete=models.PROTECT, related_name="mailings", verbose_name=_("destination")
    )
    collected_at = models.DateTimeField(_("collected"))
    part = models.PositiveSmallIntegerField(_("part"))
    parts = models.PositiveSmallIntegerField(_("parts"))
    queued_at = models.DateTimeField(_("queued"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("daily message")
        verbose_name_plural = _("daily messages")
        constraints = [
            models.CheckConstraint(condition=Q(part__gte=1, part__lte=F("parts")), name="delivery_mailing_part_within"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(due_at__isnull=True), name="delivery_mailing_sent_or_due"
            ),
        ]
        indexes = [
            models.Index(
                fields=["destination", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="delivery_mailing_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.part}/{self.parts}"


class Delivery(models.Model):
    """An invoice on its way to the office in force on its day: pending → delivered → fetched, or failed.

    Inbox and feed have one for the invoice; a destination has one per version, and `copy` counts how often somebody
    asked for that version again. A failed one is tried again at `due_at`; without that it is given up, or waits for
    the day's message (`mailing`).
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(null=True, editable=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("sales invoice")
    )
    office = models.ForeignKey(
        AccountingOffice, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("accounting office")
    )
    channel = CodeField(_("channel"), max_length=12, words=CHANNELS)
    destination = models.ForeignKey(
        Destination,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("destination"),
    )
    mailing = models.ForeignKey(
        Mailing,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("daily message"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, db_default=1)
    copy = models.PositiveIntegerField(_("copy"), default=0, db_default=0)
    occasion = CodeField(
        _("occasion"),
        max_length=10,
        words=OCCASIONS,
        default=Occasion.ARRIVAL,
        db_default=Occasion.ARRIVAL.value,
    )
    state = CodeField(_("state"), max_length=10, words=DELIVERY_STATES)
    state_at = models.DateTimeField(_("since"))
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    fetched_at = models.DateTimeField(_("fetched"), null=True, blank=True)
    queued_at = models.DateTimeField(_("queued"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0, db_default=0)
    failure_code = models.CharField(_("reason"), max_length=40, blank=True, default="", db_default="")
    place = models.CharField(_("place"), max_length=300, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "channel"],
                condition=Q(destination__isnull=True),
                name="delivery_delivery_shelf_once",
            ),
            models.UniqueConstraint(
                fields=["invoice", "destination", "version", "copy"],
                condition=Q(destination__isnull=False),
                name="delivery_delivery_push_once",
            ),
            models.UniqueConstraint(
                fields=["uuid"], condition=Q(destination__isnull=False), name="delivery_delivery_uuid"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "failed"])
                | Q(state="delivered", delivered_at__isnull=False)
                | Q(state="fetched", delivered_at__isnull=False, fetched_at__isnull=False),
                name="delivery_delivery_state_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "channel", "-id"], name="delivery_delivery_inbox"),
            models.Index(
                fields=["destination", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="delivery_delivery_due",
            ),
            models.Index(
                fields=["destination", "state", "-id"],
                condition=Q(destination__isnull=False),
                name="delivery_delivery_pushed",
            ),
            models.Index(fields=["mailing"], condition=Q(mailing__isnull=False), name="delivery_delivery_mailing"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} by {self.channel}"


class DeliveryAttempt(models.Model):
    """One try to hand something to a destination, and what the other side answered; written before it begins.

    One without an end belongs to a process that still tries, or that was killed: the next one marks it.
    """

    id = models.BigAutoField(primary_key=True)
    destination = models.ForeignKey(
        Destination, on_delete=models.PROTECT, related_name="attempts", verbose_name=_("destination")
    )
    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attempts",
        verbose_name=_("delivery"),
    )
    mailing = models.ForeignKey(
        Mailing,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attempts",
        verbose_name=_("daily message"),
    )
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = CodeField(_("outcome"), max_length=15, words=OUTCOMES, blank=True)
    code = models.CharField(_("reason"), max_length=40, blank=True)
    answer = models.CharField(_("answer"), max_length=ANSWER_LENGTH, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.CheckConstraint(
                condition=Q(delivery__isnull=False, mailing__isnull=True)
                | Q(delivery__isnull=True, mailing__isnull=False),
                name="delivery_attempt_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="delivery_attempt_ended_somehow",
            ),
        ]
        indexes = [
            models.Index(fields=["destination", "-id"], name="delivery_attempt_log"),
            models.Index(fields=["destination"], condition=Q(ended_at__isnull=True), name="delivery_attempt_open"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome or 'under way'} {self.started_at}"
