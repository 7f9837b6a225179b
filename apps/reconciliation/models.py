"""Which money pays which invoice."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.invoices.models import Invoice
from apps.reconciliation.rules import Rule, SettlementWay
from apps.statements.models import Movement


class Allocation(models.Model):
    """(Part of) a movement assigned to an invoice; negative when a reversal takes it back. A ledger: never changed."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    movement = models.ForeignKey(
        Movement, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("movement")
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("sales invoice")
    )
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=3)
    rule = models.CharField(_("rule"), max_length=40, choices=[(r, r) for r in Rule])
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    reverses = models.ForeignKey(
        Movement, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("takes back")
    )
    actor = models.CharField(_("by"), max_length=80)
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="reconciliation_allocation_not_zero"),
            models.CheckConstraint(
                condition=Q(rule="reversal", amount__lt=0, reverses__isnull=False)
                | (~Q(rule="reversal") & Q(amount__gt=0, reverses__isnull=True)),
                name="reconciliation_allocation_sign",
            ),
        ]
        indexes = [models.Index(fields=["invoice", "id"], name="reconciliation_by_invoice")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.movement_id} for {self.invoice_id}"


class Settlement(models.Model):
    """What a person settled by hand: all that was open of an invoice or credit note, on a day and for a reason.

    It stands until it is undone; then what is open follows from the allocations again.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="settlements", verbose_name=_("sales invoice")
    )
    way = models.CharField(_("how"), max_length=12, choices=[(w, w) for w in SettlementWay])
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=2)
    settled_on = models.DateField(_("settled"))
    reason = models.CharField(_("reason"), max_length=300)
    actor = models.CharField(_("by"), max_length=80)
    created_at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.CharField(_("undone by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(undone_at__isnull=True), name="reconciliation_settlement_one_standing"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="reconciliation_settlement_has_reason"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by="") | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
                name="reconciliation_settlement_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.amount} of {self.invoice_id}"
