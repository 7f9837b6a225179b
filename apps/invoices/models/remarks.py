"""What people say of an invoice: an office and its company to each other, and staff why its papers stay."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.fields import CodeField
from apps.invoices.labels import REMARK_KINDS
from apps.invoices.models.documents import Invoice
from apps.invoices.rules import LONGEST_REMARK, RemarkKind


class Remark(models.Model):
    """What an office asked or why it refused an invoice, and what its company answered; in the order of their ids."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="remarks", verbose_name=_("sales invoice")
    )
    kind = CodeField(_("kind"), max_length=10, words=REMARK_KINDS)
    text = models.TextField(_("text"), max_length=LONGEST_REMARK)
    actor = models.CharField(_("by"), max_length=80)
    made_at = models.DateTimeField(_("written"))
    # Of an answer: since when its office was mailed.
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("remark on an invoice")
        verbose_name_plural = _("remarks on invoices")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(RemarkKind)), name="invoices_remark_kind"),
            models.CheckConstraint(condition=~Q(text=""), name="invoices_remark_text"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class InvoiceHold(models.Model):
    """A reason for which the papers of one invoice are not purged, however old; placed and lifted by staff."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="legal_holds", verbose_name=_("sales invoice")
    )
    reason = models.CharField(_("reason"), max_length=300)
    placed_at = models.DateTimeField(_("placed"))
    placed_by = models.CharField(_("by"), max_length=80)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("legal hold of an invoice")
        verbose_name_plural = _("legal holds of invoices")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="invoices_hold_has_reason"),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(lifted_at__isnull=True), name="invoices_hold_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.reason
