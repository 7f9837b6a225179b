"""Companies, their bank accounts, their address on file and their members."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.companies.labels import COMPANY_STATES, CONTACT_STATES, NUMBER_KINDS, ROLES
from apps.companies.rules import DELIVERABLE, LANGUAGES, CompanyState, ContactState
from apps.core.fields import CodeField
from apps.core.languages import LANGUAGE_NAMES
from apps.users.models import MailedLink


class CompanyQuerySet(models.QuerySet["Company"]):
    """Filters of companies."""

    def live(self) -> "CompanyQuerySet":
        """Keep the companies that stand for themselves: a merged one is history of another."""
        return self.exclude(state=CompanyState.MERGED)


class Company(models.Model):
    """The enterprise that invoices; its enterprise number is its key.

    active ⇄ ceased ⇄ blocked; any of them → merged, into a company that is not merged itself. A merged one keeps
    its number as a memory: among the others the number is the key.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enterprise_number = models.CharField(_("enterprise number"), max_length=10)
    name = models.CharField(_("name"), max_length=200)
    language = CodeField(_("language"), max_length=2, words=LANGUAGE_NAMES)
    is_vat_liable = models.BooleanField(_("liable to VAT"), default=True)
    state = CodeField(_("state"), max_length=10, words=COMPANY_STATES, default=CompanyState.ACTIVE)
    created_at = models.DateTimeField(_("created"))
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="absorbed",
        verbose_name=_("merged into"),
    )
    merged_at = models.DateTimeField(_("merged"), null=True, blank=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        indexes = [
            models.Index(fields=["enterprise_number"], name="companies_company_number"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="companies_company_absorbed"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise_number"], condition=~Q(state="merged"), name="companies_company_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False, merged_at__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True, merged_at__isnull=True)),
                name="companies_company_merged_dated",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="companies_company_merged_into_other",
            ),
            models.CheckConstraint(
                condition=Q(enterprise_number__regex=r"^[01][0-9]{9}$"), name="companies_company_number_form"
            ),
            models.CheckConstraint(condition=Q(state__in=list(CompanyState)), name="companies_company_state"),
            models.CheckConstraint(condition=Q(language__in=LANGUAGES), name="companies_company_language"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.enterprise_number})"


class LegalHold(models.Model):
    """A reason for which nothing of a company is purged, however old it is; placed and lifted by staff."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="legal_holds", verbose_name=_("company")
    )
    reason = models.CharField(_("reason"), max_length=300)
    placed_at = models.DateTimeField(_("placed"))
    placed_by = models.CharField(_("by"), max_length=80)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="companies_legalhold_has_reason"),
            models.UniqueConstraint(
                fields=["company"], condition=Q(lifted_at__isnull=True), name="companies_legalhold_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class CompanyNumber(models.Model):
    """A further number of a company, valid on its documents: a former one until a day, or a VAT unit's."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="further_numbers", verbose_name=_("company")
    )
    number = models.CharField(_("number"), max_length=10)
    kind = CodeField(_("kind"), max_length=10, words=NUMBER_KINDS)
    valid_until = models.DateField(_("valid for documents dated before"), null=True, blank=True)

    class Meta:
        verbose_name = _("further number")
        verbose_name_plural = _("further numbers")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="companies_number_once"),
            models.UniqueConstraint(
                fields=["number"], condition=Q(kind="former"), name="companies_number_former_of_one_company"
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^[01][0-9]{9}$"), name="companies_number_form"),
            models.CheckConstraint(
                condition=~Q(kind="former") | Q(valid_until__isnull=False),
                name="companies_number_former_has_end",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ContactEmail(models.Model):
    """The address on file of a company: where tokens go. One per company at a time.

    on_file → verified; either → bounced | complained → on_file | verified.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.OneToOneField(
        Company, on_delete=models.PROTECT, related_name="contact_email", verbose_name=_("company")
    )
    address = models.EmailField(_("e-mail address"))
    state = CodeField(_("state"), max_length=10, words=CONTACT_STATES, default=ContactState.ON_FILE)
    on_file_at = models.DateTimeField(_("on file since"))
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    undeliverable_at = models.DateTimeField(_("undeliverable since"), null=True, blank=True)

    class Meta:
        verbose_name = _("contact e-mail")
        verbose_name_plural = _("contact e-mails")
        indexes = [models.Index(Lower("address"), name="companies_contactemail_address")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(verified_at__isnull=False),
                name="companies_contact_verified_dated",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["bounced", "complained"], undeliverable_at__isnull=False)
                | Q(state__in=["on_file", "verified"], undeliverable_at__isnull=True),
                name="companies_contact_undeliverable_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def is_deliverable(self) -> bool:
        """Tell whether mail may be sent to it."""
        return ContactState(self.state) in DELIVERABLE


class ContactChange(models.Model):
    """Another address for a company that its new reader must confirm: open → confirmed | cancelled.

    It names its company as its link does: what was asked of a company that is another's by now has lapsed.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company_uuid = models.UUIDField(_("company"))
    link = models.OneToOneField(
        MailedLink, on_delete=models.PROTECT, related_name="contact_change", verbose_name=_("mailed link")
    )
    former_address = models.EmailField(_("address until now"), blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_changes", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"))
    noticed_at = models.DateTimeField(_("notice sent"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of a contact e-mail")
        verbose_name_plural = _("changes of contact e-mails")
        constraints = [
            models.UniqueConstraint(
                fields=["company_uuid"],
                condition=Q(confirmed_at__isnull=True, cancelled_at__isnull=True),
                name="companies_contactchange_one_open",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(cancelled_at__isnull=True),
                name="companies_contactchange_one_end",
            ),
        ]
        indexes = [models.Index(fields=["company_uuid", "asked_at"], name="companies_contactchange_asked")]

    def __str__(self) -> str:
        return f"{self.company_uuid} asked at {self.asked_at}"


class BankAccount(models.Model):
    """An account: IBAN and currency (one IBAN may have several)."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="bank_accounts", verbose_name=_("company")
    )
    iban = models.CharField(_("IBAN"), max_length=34)
    currency = models.CharField(_("currency"), max_length=3)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.UniqueConstraint(fields=["iban", "currency"], name="companies_bankaccount_iban_currency"),
            models.CheckConstraint(
                condition=Q(iban__regex=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$"),
                name="companies_bankaccount_iban_form",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="companies_bankaccount_currency_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.iban} {self.currency}"


class CompanyMember(models.Model):
    """A person's right in a company."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="members", verbose_name=_("company"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="company_memberships", verbose_name=_("user")
    )
    role = CodeField(_("role"), max_length=10, words=ROLES)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("company member")
        verbose_name_plural = _("company members")
        constraints = [models.UniqueConstraint(fields=["company", "user"], name="companies_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.company_id}"
