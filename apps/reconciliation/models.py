"""Which money pays which invoice."""

from decimal import Decimal
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.companies.models import Company
from apps.core.fields import CodeField
from apps.invoices.models import Invoice
from apps.reconciliation.labels import KINDS, RULES, SETTLEMENT_WAYS
from apps.reconciliation.rules import LONGEST_NAME, DifferenceKind
from apps.statements.models import Movement


class Allocation(models.Model):
    """(Part of) a movement assigned to an invoice, or taken from it again. A ledger: never changed.

    A reversal takes back what the credit that it `reverses` gave; a person takes back one row, which it `undoes`.
    `difference` is what was missing and explained beside the money, so that the invoice counts as paid. `amount` is in
    the money's currency, both together are in the invoice's: what the bank changed has a difference of kind `exchange`.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    movement = models.ForeignKey(
        Movement, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("movement")
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("sales invoice")
    )
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=3)
    difference = models.DecimalField(_("difference"), max_digits=15, decimal_places=3, default=0, db_default=0)
    difference_kind = CodeField(_("of which kind"), max_length=10, words=KINDS, blank=True, db_default="")
    rule = CodeField(_("rule"), max_length=40, words=RULES)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    reverses = models.ForeignKey(
        Movement, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("takes back")
    )
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name=_("undoes")
    )
    actor = models.CharField(_("by"), max_length=80)
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="reconciliation_allocation_not_zero"),
            models.CheckConstraint(
                condition=Q(rule="undone", undoes__isnull=False)
                | Q(rule="reversal", amount__lt=0, reverses__isnull=False, undoes__isnull=True)
                | (
                    ~Q(rule__in=["reversal", "undone"])
                    & Q(amount__gt=0, reverses__isnull=True, undoes__isnull=True)
                    & (Q(difference__gte=0) | Q(difference_kind="exchange", difference__gt=-F("amount")))
                ),
                name="reconciliation_allocation_sign",
            ),
            models.CheckConstraint(
                condition=Q(difference=0, difference_kind="") | (~Q(difference=0) & ~Q(difference_kind="")),
                name="reconciliation_allocation_difference_explained",
            ),
        ]
        indexes = [models.Index(fields=["invoice", "id"], name="reconciliation_by_invoice")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.movement_id} for {self.invoice_id}"

    @property
    def paid(self) -> Decimal:
        """What the row covers of its invoice, in the invoice's currency."""
        return self.amount + self.difference

    @property
    def is_exchange(self) -> bool:
        """Tell whether the bank changed the money from the invoice's currency into another."""
        return self.difference_kind == DifferenceKind.EXCHANGE


class SetOff(models.Model):
    """What a credit note takes away of an invoice, or with a minus gives back to it. A ledger: never changed.

    The sum of a credit note and an invoice is what is set off between them. The rows of the rules follow what money
    leaves of the invoice; once a person wrote one, the two are left to people. A trigger repeats the sums on both
    documents.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    note = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, db_index=False, related_name="set_offs", verbose_name=_("credit note")
    )
    invoice = models.ForeignKey(
        Invoice,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="note_set_offs",
        verbose_name=_("sales invoice"),
    )
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=3)
    actor = models.CharField(_("by"), max_length=80)
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("set-off of a credit note")
        verbose_name_plural = _("set-offs of credit notes")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="reconciliation_set_off_not_zero"),
            models.CheckConstraint(condition=~Q(note=F("invoice")), name="reconciliation_set_off_of_two"),
        ]
        indexes = [
            models.Index(fields=["invoice", "id"], name="reconciliation_set_off_invoice"),
            models.Index(fields=["note", "id"], name="reconciliation_set_off_note"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.note_id} against {self.invoice_id}"


class LooseMoney(models.Model):
    """What no invoice holds of a credit that a customer may have paid; a row is there exactly while something is loose.

    `names` is every reference and number that its text could mean, squeezed, so that an invoice that comes later finds
    it by one index. The company is the account's; `MOVER` takes it along when companies become one.
    """

    movement = models.OneToOneField(
        Movement, on_delete=models.PROTECT, primary_key=True, related_name="loose", verbose_name=_("movement")
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name=_("company")
    )
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=3)
    entry_on = models.DateField(_("entry date"))
    names = ArrayField(models.CharField(max_length=LONGEST_NAME), default=list)

    class Meta:
        verbose_name = _("loose money")
        verbose_name_plural = _("loose money")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="reconciliation_loose_is_some")]
        indexes = [
            models.Index(fields=["company", "-entry_on", "-movement"], name="reconciliation_loose_by_day"),
            models.Index(fields=["company", "amount"], name="reconciliation_loose_amount"),
            GinIndex(fields=["company", "names"], name="reconciliation_loose_names"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.movement_id}"


class Returned(models.Model):
    """A debit that is the return of a credit: that money has left again, whether an invoice held it or not."""

    movement = models.OneToOneField(
        Movement, on_delete=models.PROTECT, primary_key=True, related_name="returns", verbose_name=_("movement")
    )
    original = models.OneToOneField(
        Movement, on_delete=models.PROTECT, related_name="returned", verbose_name=_("takes back")
    )
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("returned payment")
        verbose_name_plural = _("returned payments")

    def __str__(self) -> str:
        return f"{self.movement_id} returns {self.original_id}"


class RuledOut(models.Model):
    """A person's word that an account never pays for a customer; it stands until it is taken back."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", verbose_name=_("company"))
    account = models.CharField(_("account"), max_length=37)
    customer = models.CharField(_("customer"), max_length=300)
    customer_name = models.CharField(_("customer's name"), max_length=300)
    actor = models.CharField(_("by"), max_length=80)
    created_at = models.DateTimeField(_("at"))
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    ended_by = models.CharField(_("taken back by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("payer ruled out")
        verbose_name_plural = _("payers ruled out")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "account", "customer"],
                condition=Q(ended_at__isnull=True),
                name="reconciliation_ruled_out_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="reconciliation_ruled_out_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} never for {self.customer}"


class MatchingChoice(models.Model):
    """What a company chose about matching; no row is the careful choice in everything."""

    company = models.OneToOneField(
        Company, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name=_("company")
    )
    pays_oldest_first = models.BooleanField(_("a reused reference pays the oldest first"), default=False)
    changed_by = models.CharField(_("by"), max_length=80)
    changed_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("choice about matching")
        verbose_name_plural = _("choices about matching")

    def __str__(self) -> str:
        return str(self.company_id)


class Settlement(models.Model):
    """What a person settled by hand: all that was open of an invoice or credit note, on a day and for a reason.

    It stands until it is undone; then what is open follows from the allocations again.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="settlements", verbose_name=_("sales invoice")
    )
    way = CodeField(_("how"), max_length=12, words=SETTLEMENT_WAYS)
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
