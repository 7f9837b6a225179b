"""Feeds of documents, for consumers that come and get them."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.invoices.models import Invoice
from apps.statements.models import Statement
from apps.tokens.models import Software


class Feed(models.Model):
    """The ordered documents of a company for one consumer: a software, or an accounting office.

    Its id is on the wire, where ids are 32-bit; it survives reconnecting. `cursor` is the position of the last
    entry that the consumer marked; it never moves back.
    """

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="feeds", verbose_name=_("company"))
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, null=True, blank=True, related_name="feeds", verbose_name=_("software")
    )
    office = models.ForeignKey(
        AccountingOffice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feeds",
        verbose_name=_("accounting office"),
    )
    cursor = models.BigIntegerField(_("marked up to"), default=0)
    last_position = models.BigIntegerField(_("last position"), default=0)
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        constraints = [
            models.UniqueConstraint(fields=["company", "software"], name="delivery_feed_one_per_software"),
            models.UniqueConstraint(fields=["company", "office"], name="delivery_feed_one_per_office"),
            models.CheckConstraint(
                condition=Q(software__isnull=False, office__isnull=True)
                | Q(software__isnull=True, office__isnull=False),
                name="delivery_feed_one_consumer",
            ),
            models.CheckConstraint(
                condition=Q(cursor__gte=0, cursor__lte=F("last_position")), name="delivery_feed_cursor_within"
            ),
        ]

    def __str__(self) -> str:
        return f"feed {self.pk}"


class FeedEntry(models.Model):
    """One document in a feed, at a position given under the feed's lock, so that a cursor never skips one."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="entries", verbose_name=_("feed"))
    position = models.BigIntegerField(_("position"))
    statement = models.ForeignKey(
        Statement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feed_entries",
        verbose_name=_("statement"),
    )
    invoice = models.ForeignKey(
        Invoice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feed_entries",
        verbose_name=_("sales invoice"),
    )
    listed_at = models.DateTimeField(_("listed"))

    class Meta:
        verbose_name = _("feed entry")
        verbose_name_plural = _("feed entries")
        constraints = [
            models.UniqueConstraint(fields=["feed", "position"], name="delivery_feedentry_position"),
            models.UniqueConstraint(fields=["feed", "statement"], name="delivery_feedentry_statement_once"),
            models.UniqueConstraint(fields=["feed", "invoice"], name="delivery_feedentry_invoice_once"),
            models.CheckConstraint(
                condition=Q(statement__isnull=False, invoice__isnull=True)
                | Q(statement__isnull=True, invoice__isnull=False),
                name="delivery_feedentry_one_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed_id}/{self.position}"


class Redelivery(models.Model):
    """A person's wish to have an entry delivered again; it leaves the redelivery feed once marked there."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(
        FeedEntry, on_delete=models.PROTECT, related_name="redeliveries", verbose_name=_("feed entry")
    )
    requested_by = models.CharField(_("asked by"), max_length=80)
    requested_at = models.DateTimeField(_("asked"))
    marked_at = models.DateTimeField(_("marked"), null=True, blank=True)

    class Meta:
        verbose_name = _("redelivery")
        verbose_name_plural = _("redeliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(marked_at__isnull=True), name="delivery_redelivery_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"redelivery of {self.entry_id}"
