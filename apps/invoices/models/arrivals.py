"""What came in: every upload, and what the rules found in each version."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.blobs.models import Blob
from apps.companies.models import Company
from apps.core.fields import CodeField
from apps.invoices.labels import ARRIVAL_OUTCOMES, LAYERS, SEVERITIES
from apps.invoices.models.documents import Invoice, InvoiceVersion
from apps.tokens.models import Software


class Arrival(models.Model):
    """One upload, whatever it turned out to be. The same bytes may arrive any number of times."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="arrivals", verbose_name=_("company"))
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, related_name="arrivals", verbose_name=_("software")
    )
    invoice = models.ForeignKey(
        Invoice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="arrivals",
        verbose_name=_("sales invoice"),
    )
    document = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+", verbose_name=_("document"))
    pdf = models.ForeignKey(
        Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("PDF")
    )
    outcome = CodeField(_("outcome"), max_length=12, words=ARRIVAL_OUTCOMES)
    code = models.CharField(_("reason"), max_length=40, blank=True)
    received_at = models.DateTimeField(_("received"))
    purged_at = models.DateTimeField(_("papers purged"), null=True, blank=True)

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        constraints = [
            models.CheckConstraint(
                condition=(Q(outcome="rejected", invoice__isnull=True) & ~Q(code=""))
                | (~Q(outcome="rejected") & Q(invoice__isnull=False, code="")),
                name="invoices_arrival_rejected_has_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.uuid}"


class Finding(models.Model):
    """What the rules say of a version."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(
        InvoiceVersion, on_delete=models.PROTECT, related_name="findings", verbose_name=_("version")
    )
    code = models.CharField(_("code"), max_length=60)
    severity = CodeField(_("severity"), max_length=12, words=SEVERITIES)
    layer = CodeField(_("layer"), max_length=10, words=LAYERS)
    location = models.CharField(_("place"), max_length=500, blank=True)
    message = models.TextField(_("message"))
    # What the sentence of a rule of ours is written from, in the reader's language (`sentences`).
    params = models.JSONField(default=dict, db_default={}, blank=True, editable=False)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")

    def __str__(self) -> str:
        return f"{self.code} ({self.severity})"
