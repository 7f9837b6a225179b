"""Sales invoices: the facts in force, and every version."""

from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import ExtractYear, Upper
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.blobs.models import Blob
from apps.companies.models import Company
from apps.core.fields import CodeField
from apps.invoices.labels import DOCUMENT_TYPES, INVOICE_STATES, OFFICE_VIEW_STATES, PAYMENT_STATES
from apps.invoices.rules import (
    UNPAID,
    OfficeViewState,
    PaymentState,
)
from apps.tokens.models import Software

IN_INBOX = Q(delivered_at__isnull=False)
ACCEPTED = Q(state="accepted")
UNDELIVERED = Q(state="accepted", delivered_at__isnull=True)
# A number in capitals without anything between its letters and digits, as payers' texts are searched for it.
NUMBER_KEY: Final = Func(
    Upper("number"),
    Value("[^A-Z0-9]"),
    Value(""),
    Value("g"),
    function="REGEXP_REPLACE",
    output_field=models.TextField(),
)
STILL_TO_BE_PAID = ACCEPTED & Q(payment_state__in=list(UNPAID))
SET_OFF = Q(set_off_amount__gt=0)


class InvoiceFacts(models.Model):
    """What a document says in its header and totals. Amounts are in the document's currency, with the UBL's sign."""

    issue_date = models.DateField(_("issue date"))
    due_date = models.DateField(_("due date"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    net_amount = models.DecimalField(_("net amount"), max_digits=15, decimal_places=2)
    vat_amount = models.DecimalField(_("VAT"), max_digits=15, decimal_places=2)
    total_amount = models.DecimalField(_("total"), max_digits=15, decimal_places=2)
    payable_amount = models.DecimalField(_("payable"), max_digits=15, decimal_places=2)
    customer_name = models.CharField(_("customer"), max_length=300)
    customer_number = models.CharField(_("customer's number"), max_length=40, blank=True)
    structured_communication = models.CharField(_("structured communication"), max_length=25, blank=True)
    preceding_number = models.CharField(_("about invoice"), max_length=200, blank=True, default="", db_default="")

    # Of the document's own terms: each `amount` that may be left out of a payment made `until` a day.
    discounts = models.JSONField(_("cash discounts"), default=list, db_default=[], blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the document says, by name."""
        return {field.name: getattr(self, field.name) for field in InvoiceFacts._meta.get_fields()}


class InvoiceManager(models.Manager["Invoice"]):
    """Reads invoices without their words, which only a search looks at, inside the database."""

    def get_queryset(self) -> models.QuerySet["Invoice"]:
        """Return all invoices."""
        return super().get_queryset().defer("words")


class Invoice(InvoiceFacts):
    """A sales invoice or credit note of a company, with the facts of the version in force.

    received → accepted | rejected. A rejected one leaves its number free. Payment and office states: `rules`.
    `answered_at` says since when the office is at turn again after its question. `changed_at` is dated by a trigger
    whenever the row is written, and touched by triggers on deliveries and allocations: services leave it alone, but for
    a correction that waits, which changes nothing else of the row.

    `set_off_amount` repeats what credit notes take away of an invoice, and what a credit note took away; a trigger on
    the set-offs writes it, and nothing else does.

    `office`, `delivered_at` and `opened_at` repeat what its delivery to an office's inbox says, so that an inbox is
    one index away whatever it is filtered by. A trigger on the deliveries writes them; nothing else does.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("company"))
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("software")
    )
    document_type = CodeField(_("document"), max_length=12, words=DOCUMENT_TYPES)
    number = models.CharField(_("number"), max_length=200)
    issue_year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveIntegerField(_("version"), default=1)
    state = CodeField(_("state"), max_length=10, words=INVOICE_STATES)
    received_at = models.DateTimeField(_("received"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    rejected_at = models.DateTimeField(_("rejected"), null=True, blank=True)
    payment_state = CodeField(_("payment"), max_length=15, words=PAYMENT_STATES, default=PaymentState.OPEN)
    office_state = CodeField(_("office"), max_length=12, words=OFFICE_VIEW_STATES, default=OfficeViewState.UNSEEN)
    answered_at = models.DateTimeField(_("question answered"), null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(_("last change"))
    office = models.ForeignKey(
        AccountingOffice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="received_invoices",
        verbose_name=_("accounting office"),
    )
    credits = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="credit_notes",
        verbose_name=_("credits"),
    )
    set_off_amount = models.DecimalField(
        _("set off"), max_digits=15, decimal_places=3, default=0, db_default=0, editable=False
    )
    delivered_at = models.DateTimeField(_("in the inbox since"), null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    # The words of the document in force, for searches (`ubl.words`); none until it is judged.
    words = SearchVectorField(null=True, blank=True, editable=False)

    objects = InvoiceManager()

    class Meta:
        verbose_name = _("sales invoice")
        verbose_name_plural = _("sales invoices")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "document_type", "number", "issue_year"],
                condition=~Q(state="rejected"),
                name="invoices_invoice_number_once",
            ),
            models.CheckConstraint(
                condition=Q(state="received", accepted_at__isnull=True, rejected_at__isnull=True)
                | Q(state="accepted", accepted_at__isnull=False)
                | Q(state="rejected", rejected_at__isnull=False),
                name="invoices_invoice_state_dated",
            ),
            models.CheckConstraint(
                condition=Q(payment_state="open") | Q(state="accepted"),
                name="invoices_invoice_paid_when_accepted",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="invoices_invoice_version_positive"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(office_state="questioned"),
                name="invoices_invoice_answered_question",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="invoices_invoice_currency_form"),
            models.CheckConstraint(
                condition=Q(issue_year=ExtractYear("issue_date")), name="invoices_invoice_year_of_issue"
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True, opened_at__isnull=True)
                | Q(delivered_at__isnull=False, office__isnull=False),
                name="invoices_invoice_delivered_somewhere",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-issue_date", "-id"], name="invoices_invoice_by_company"),
            models.Index(
                fields=["company", "-issue_date", "-id"],
                condition=Q(state__in=["received", "rejected"]),
                name="invoices_invoice_not_accepted",
            ),
            models.Index(
                fields=["company", "office_state", "-issue_date", "-id"],
                condition=ACCEPTED,
                name="invoices_invoice_by_office",
            ),
            models.Index(
                fields=["company", "payment_state", "-issue_date", "-id"],
                condition=ACCEPTED,
                name="invoices_invoice_by_payment",
            ),
            # The due date last: what is late is told from the index alone, among all that is still to be paid.
            models.Index(
                fields=["company", "-issue_date", "-id", "due_date"],
                condition=STILL_TO_BE_PAID,
                name="invoices_invoice_to_be_paid",
            ),
            models.Index(fields=["company", "-total_amount", "-id"], name="invoices_invoice_by_amount"),
            # What a payment could be for: by what is to be paid, and by the number that its text names.
            models.Index(
                fields=["company", "payable_amount"], condition=STILL_TO_BE_PAID, name="invoices_invoice_owed"
            ),
            models.Index("company", NUMBER_KEY, condition=STILL_TO_BE_PAID, name="invoices_invoice_owed_number"),
            models.Index(
                fields=["company", "structured_communication"],
                condition=Q(state="accepted") & ~Q(structured_communication=""),
                name="invoices_invoice_by_reference",
            ),
            # The same of what credit notes took something of: what they leave, and what was to be paid before.
            models.Index(
                fields=["company", "id"], condition=STILL_TO_BE_PAID & SET_OFF, name="invoices_invoice_reduced"
            ),
            models.Index("company", NUMBER_KEY, condition=ACCEPTED & SET_OFF, name="invoices_invoice_reduced_no"),
            # What a customer owes and what their accounts paid; each row is in one of the two.
            models.Index(
                fields=["company", "customer_number"],
                condition=~Q(customer_number=""),
                name="invoices_invoice_by_customer",
            ),
            models.Index(
                fields=["company", "customer_name"], condition=Q(customer_number=""), name="invoices_invoice_by_name"
            ),
            # Between its judgement and its delivery: nearly empty, but for those of whose day no office is known.
            models.Index(fields=["company", "id"], condition=UNDELIVERED, name="invoices_invoice_undelivered"),
            models.Index(
                fields=["company", "preceding_number"],
                condition=Q(document_type="credit_note") & ~Q(preceding_number=""),
                name="invoices_invoice_by_preceding",
            ),
            models.Index(fields=["credits"], condition=Q(credits__isnull=False), name="invoices_invoice_by_credits"),
            models.Index(
                fields=["company", "id"],
                condition=STILL_TO_BE_PAID & Q(document_type="credit_note"),
                name="invoices_invoice_open_notes",
            ),
            models.Index(fields=["company", "changed_at", "id"], name="invoices_invoice_by_change"),
            models.Index(fields=["office", "-delivered_at", "-id"], condition=IN_INBOX, name="invoices_invoice_inbox"),
            models.Index(
                fields=["office", "office_state", "-delivered_at", "-id"],
                condition=IN_INBOX,
                name="invoices_invoice_inbox_office",
            ),
            models.Index(
                fields=["office", "payment_state", "-delivered_at", "-id"],
                condition=IN_INBOX,
                name="invoices_invoice_inbox_payment",
            ),
            models.Index(
                fields=["office", "company", "-delivered_at", "-id"],
                condition=IN_INBOX,
                name="invoices_invoice_inbox_client",
            ),
            models.Index(
                fields=["office", "-delivered_at", "-id"],
                condition=IN_INBOX & Q(opened_at__isnull=True),
                name="invoices_invoice_inbox_new",
            ),
            models.Index(
                fields=["office", "-total_amount", "-id"], condition=IN_INBOX, name="invoices_invoice_inbox_amount"
            ),
            # Of all rows: the planner learns nothing about what is common from an index of some.
            GinIndex(
                "office",
                "company",
                OpClass(Upper("number"), name="gin_trgm_ops"),
                OpClass(Upper("customer_name"), name="gin_trgm_ops"),
                name="invoices_invoice_search",
            ),
            GinIndex("office", "company", "words", name="invoices_invoice_words"),
        ]

    def __str__(self) -> str:
        return f"{DOCUMENT_TYPES[self.document_type]} {self.number}"

    @property
    def owed_amount(self) -> Decimal:
        """What is to be paid with money: the payable amount, less what credit notes take away."""
        return self.payable_amount - self.set_off_amount


class InvoiceVersion(InvoiceFacts):
    """One version of an invoice as it was received: received → accepted (then it is in force) | rejected."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="versions", verbose_name=_("sales invoice")
    )
    version = models.PositiveIntegerField(_("version"))
    state = CodeField(_("state"), max_length=10, words=INVOICE_STATES)
    document = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+", verbose_name=_("document"))
    pdf = models.ForeignKey(
        Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("PDF")
    )
    received_at = models.DateTimeField(_("received"))
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    purged_at = models.DateTimeField(_("papers purged"), null=True, blank=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "version"], name="invoices_version_once"),
            models.CheckConstraint(
                condition=Q(state="received", judged_at__isnull=True)
                | Q(state__in=["accepted", "rejected"], judged_at__isnull=False),
                name="invoices_version_state_dated",
            ),
        ]
        indexes = [models.Index(fields=["document"], name="invoices_version_document")]

    def __str__(self) -> str:
        return f"{self.invoice_id} v{self.version}"
