"""The banks' files, the statements in them, and the money."""

from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.blobs.models import Blob
from apps.companies.models import BankAccount, Company
from apps.core.fields import CodeField
from apps.jobs.models import Job
from apps.statements.labels import CODA_FILE_STATES, INBOX_STATES, SEVERITIES, SOURCES, STATEMENT_STATES
from apps.statements.rules import HOLDING_IDENTITY, InboxState, StatementState, level_of

LISTED = Q(company__isnull=False)
# Of a payment whose payer, or collector, gave it an id of their own.
HAS_END_TO_END = ~Q(customer_reference__in=["", "NOTPROVIDED"])


class SourceFile(models.Model):
    """A file as somebody sent it: a bank's file, or an archive of some. Its bytes are kept whatever becomes of them.

    Each file in it is a CODA file of its own, imported one after the other; `finished_at` tells that none is left.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    source = CodeField(_("source"), max_length=8, words=SOURCES)
    name = models.CharField(_("name"), max_length=255)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    job = models.ForeignKey(
        Job, on_delete=models.PROTECT, null=True, blank=True, related_name="source_files", verbose_name=_("job")
    )
    ignored = models.JSONField(_("ignored"), default=list)
    received_at = models.DateTimeField(_("received"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("received file")
        verbose_name_plural = _("received files")

    def __str__(self) -> str:
        return self.name


class CodaFile(models.Model):
    """A file of a bank, as received: received → imported | partly_imported | quarantined | duplicate.

    `place` is where it stands in the archive that it came in; what cannot be unpacked points to the archive's bytes.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    name = models.CharField(_("name"), max_length=255)
    state = CodeField(_("state"), max_length=16, words=CODA_FILE_STATES)
    source_file = models.ForeignKey(
        SourceFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="coda_files",
        verbose_name=_("came in"),
    )
    place = models.PositiveIntegerField(_("place in the file"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("CODA file")
        verbose_name_plural = _("CODA files")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="received", finished_at__isnull=True)
                | (~Q(state="received") & Q(finished_at__isnull=False)),
                name="statements_codafile_state_dated",
            ),
            models.UniqueConstraint(
                fields=["source_file", "place"],
                condition=Q(source_file__isnull=False),
                name="statements_codafile_place_once",
            ),
        ]
        indexes = [models.Index(fields=["blob"], name="statements_codafile_blob")]

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """One account's statement in a file. The balances are the bank's own facts, in the account's currency.

    Read as imported, unrouted, held or duplicate. unrouted → imported once its account is known; held → imported |
    unrouted when staff release or choose it; imported | unrouted → held when staff choose another of its identity. A
    held one that was replaced stays held, and names the one that stands.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    coda_file = models.ForeignKey(
        CodaFile, on_delete=models.PROTECT, related_name="statements", verbose_name=_("CODA file")
    )
    position = models.PositiveIntegerField(_("place in the file"))
    first_line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    account = models.ForeignKey(
        BankAccount,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("bank account"),
    )
    account_text = models.CharField(_("account as written"), max_length=37)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    holder_name = models.CharField(_("holder"), max_length=40, blank=True)
    number = models.PositiveIntegerField(_("number"))
    old_balance = models.DecimalField(_("old balance"), max_digits=15, decimal_places=3)
    new_balance = models.DecimalField(_("new balance"), max_digits=15, decimal_places=3)
    old_balance_on = models.DateField(_("old balance date"), null=True, blank=True)
    new_balance_on = models.DateField(_("date"))
    # The header's date: around the turn of the year it may tell to which one the number belongs.
    created_on = models.DateField(_("made by the bank"), null=True, blank=True)
    # Part of the movements, and no balances: it stands outside the chain of the account.
    is_separate_application = models.BooleanField(_("separate application"), default=False, db_default=False)
    movement_count = models.PositiveIntegerField(_("movements"))
    # Of records 4, and of information that belongs to no movement: an empty line between two.
    bank_messages = models.TextField(_("messages of the bank"), blank=True, default="", db_default="")
    identity = models.CharField(max_length=140)
    content_hash = models.CharField(max_length=64)
    state = CodeField(_("state"), max_length=10, words=STATEMENT_STATES)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replaced by")
    )
    # Of a duplicate: the statement that was there already.
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("had already as")
    )
    stored_at = models.DateTimeField(_("stored"))
    # Later than stored where it was held, or without an account. Triggers write it; rows from before them have none.
    counted_at = models.DateTimeField(_("counts since"), null=True, blank=True, editable=False)
    # When staff released it, chose it over another of its identity, or set it aside for that one.
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=80, blank=True, default="", db_default="")
    decision_reason = models.CharField(_("reason"), max_length=300, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [
            models.UniqueConstraint(fields=["coda_file", "position"], name="statements_statement_place"),
            models.UniqueConstraint(
                fields=["identity"],
                condition=Q(state__in=list(HOLDING_IDENTITY)),
                name="statements_statement_identity_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="imported") | Q(account__isnull=False),
                name="statements_statement_imported_routed",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by="", decision_reason="")
                | (Q(decided_at__isnull=False) & ~Q(decided_by="") & ~Q(decision_reason="")),
                name="statements_statement_decision_reasoned",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "new_balance_on", "id"], name="statements_statement_account"),
            models.Index(fields=["identity"], name="statements_statement_identity"),
            models.Index(
                fields=["iban", "currency"],
                condition=Q(state__in=["held", "unrouted"]),
                name="statements_statement_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.iban or self.account_text} {self.number} ({self.new_balance_on})"

    @property
    def file_stem(self) -> str:
        """What its files are called, without their ending."""
        return f"{self.iban}_{self.new_balance_on.isoformat()}_{self.number:03d}"

    @property
    def is_undecided(self) -> bool:
        """Whether it is held, and no other took its place."""
        return self.state == StatementState.HELD and self.replaced_by_id is None


class Movement(models.Model):
    """One line of money. One without parent and with `detail` 0 is the booked movement; others restate parts of it, and
    after 9999 their numbers go on with 0.

    `company` repeats whose account it is, once it counts and its statement is imported, so that a company's movements
    are one index away whatever they are filtered by. Triggers write it; nothing else does.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="movements", verbose_name=_("statement")
    )
    # Without a constraint: the account has one, and a COPY would check this for each row.
    company = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        db_constraint=False,
        related_name="movements",
        verbose_name=_("company"),
    )
    ordinal = models.PositiveIntegerField(_("order"))
    parent_ordinal = models.PositiveIntegerField(null=True, blank=True)
    sequence = models.PositiveIntegerField(_("sequence"))
    detail = models.PositiveIntegerField(_("detail"))
    is_money = models.BooleanField(_("counts"))
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)
    entry_on = models.DateField(_("entry date"))
    value_on = models.DateField(_("value date"), null=True, blank=True)
    transaction_code = models.CharField(_("transaction code"), max_length=8)
    counterparty_name = models.CharField(_("counterparty"), max_length=70, blank=True)
    counterparty_iban = models.CharField(_("counterparty's account"), max_length=37, blank=True)
    counterparty_bic = models.CharField(max_length=11, blank=True)
    structured_communication = models.CharField(_("structured communication"), max_length=25, blank=True)
    communication = models.TextField(_("communication"), blank=True)
    customer_reference = models.CharField(max_length=35, blank=True)
    bank_reference = models.CharField(max_length=21, blank=True)
    return_type = models.CharField(max_length=1, blank=True)
    # What the bank kept of it, in its currency; and what was sent, where that was in another currency.
    bank_cost = models.DecimalField(_("kept by the bank"), max_digits=15, decimal_places=3, default=0, db_default=0)
    original_amount = models.DecimalField(_("amount sent"), max_digits=15, decimal_places=3, null=True, blank=True)
    original_currency = models.CharField(_("currency sent"), max_length=3, blank=True, default="", db_default="")
    # Of records 3, one a line; rows from before it was kept have none, and the bank's file has all.
    information = models.TextField(_("information of the bank"), blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        constraints = [
            models.UniqueConstraint(fields=["statement", "ordinal"], name="statements_movement_ordinal"),
        ]
        indexes = [
            models.Index(fields=["company", "-entry_on", "-id"], condition=LISTED, name="statements_movement_by_day"),
            models.Index(
                fields=["company", "-entry_on", "-id"],
                condition=LISTED & Q(amount__gt=0),
                name="statements_movement_received",
            ),
            models.Index(
                fields=["company", "-entry_on", "-id"],
                condition=LISTED & Q(amount__lt=0),
                name="statements_movement_paid",
            ),
            models.Index(fields=["company", "-amount", "-id"], condition=LISTED, name="statements_movement_amount"),
            models.Index(
                fields=["company", "structured_communication"],
                condition=LISTED & ~Q(structured_communication=""),
                name="statements_movement_reference",
            ),
            models.Index(
                fields=["company", "customer_reference"],
                condition=LISTED & HAS_END_TO_END & Q(amount__gt=0),
                name="statements_movement_end_to_end",
            ),
            models.Index(
                fields=["company", "original_amount"],
                condition=LISTED & Q(original_amount__isnull=False),
                name="statements_movement_sent",
            ),
            models.Index(
                "company",
                OpClass("counterparty_iban", name="text_pattern_ops"),
                condition=LISTED,
                name="statements_movement_iban",
            ),
            # Of all rows: the planner learns nothing about what is common from an index of some.
            GinIndex(
                "company",
                OpClass(Upper("counterparty_name"), name="gin_trgm_ops"),
                OpClass(Upper("communication"), name="gin_trgm_ops"),
                name="statements_movement_search",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence:04d}/{self.detail:04d} {self.amount} {self.currency}"

    @property
    def level(self) -> int:
        """How deep it stands under a booked movement, which is 0."""
        return level_of(self.transaction_code, has_parent=self.parent_ordinal is not None)


class CodaFinding(models.Model):
    """What the reader found odd in a file or a statement; the codes are the product page's."""

    id = models.BigAutoField(primary_key=True)
    coda_file = models.ForeignKey(
        CodaFile, on_delete=models.PROTECT, related_name="findings", verbose_name=_("CODA file")
    )
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("statement")
    )
    code = models.CharField(_("code"), max_length=40)
    severity = CodeField(_("severity"), max_length=12, words=SEVERITIES)
    line = models.PositiveIntegerField(_("line"))
    column = models.PositiveIntegerField(_("column"))
    message = models.TextField(_("message"))

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")

    def __str__(self) -> str:
        return f"{self.code} at line {self.line}"


class Rendition(models.Model):
    """A paper made from a statement on its first download, kept so that every download gives the same bytes."""

    id = models.BigAutoField(primary_key=True)
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="renditions", verbose_name=_("statement")
    )
    format = models.CharField(max_length=3, choices=[(f, f) for f in ("cod", "xml", "pdf")])
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [models.UniqueConstraint(fields=["statement", "format"], name="statements_rendition_once")]

    def __str__(self) -> str:
        return f"{self.statement_id}.{self.format}"


class InboxFile(models.Model):
    """A file seen in the inbox directory: waiting → taken → done | failed; or gone, when somebody removed it.

    It waits until it was seen unchanged (`size` in bytes, `modified_ns` of its own clock, only ever compared with
    itself) since `seen_at` of ours. A taken one lies in `working/` under its uuid; `place` is where it goes, from the
    inbox directory. `attempts` counts the workers that died over it.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=255)
    state = CodeField(_("state"), max_length=8, words=INBOX_STATES, default=InboxState.WAITING)
    size = models.BigIntegerField(_("size"))
    modified_ns = models.BigIntegerField()
    trouble = models.CharField(_("trouble"), max_length=40, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    source_file = models.ForeignKey(
        SourceFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("received file")
    )
    place = models.CharField(_("moved to"), max_length=400, blank=True)
    seen_at = models.DateTimeField(_("seen"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("file in the inbox")
        verbose_name_plural = _("files in the inbox")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(state="waiting"), name="statements_inboxfile_waiting_once"
            ),
            models.UniqueConstraint(fields=["place"], condition=~Q(place=""), name="statements_inboxfile_place_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "taken"], finished_at__isnull=True)
                | Q(state__in=["done", "failed", "gone"], finished_at__isnull=False),
                name="statements_inboxfile_state_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["modified_ns", "id"], condition=Q(state="taken"), name="statements_inboxfile_taken")
        ]

    def __str__(self) -> str:
        return self.name
