"""Accounting offices, their members, their clients and the banks' mandates."""

from datetime import date
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Value
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.labels import (
    APPLICATION_STATES,
    LINK_STATES,
    MANDATE_PURPOSES,
    MANDATE_STATES,
    OFFICE_STATES,
    STANDINGS,
)
from apps.accounting_offices.rules import (
    ApplicationState,
    ClientStanding,
    LinkState,
    MandateState,
)
from apps.companies.labels import ROLES
from apps.companies.models import BankAccount, Company
from apps.core.fields import CodeField
from apps.core.languages import LANGUAGE_NAMES

LISTED = Q(state=LinkState.CURRENT)


class DateRange(Func):
    """`daterange(starts_on, ends_on, '[)')`: half-open, an absent end is open."""

    function = "daterange"
    output_field = models.TextField()


def _period() -> DateRange:
    return DateRange(F("starts_on"), F("ends_on"), Value("[)"))


class AccountingOffice(models.Model):
    """The firm that keeps companies' books ("fiduciary" on the wire). applied → client ⇄ former."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enterprise_number = models.CharField(_("enterprise number"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"))
    language = CodeField(_("language"), max_length=2, words=LANGUAGE_NAMES)
    state = CodeField(_("state"), max_length=10, words=OFFICE_STATES)
    applied_at = models.DateTimeField(_("applied"))
    client_at = models.DateTimeField(_("client since"), null=True, blank=True)
    former_at = models.DateTimeField(_("former since"), null=True, blank=True)

    class Meta:
        verbose_name = _("accounting office")
        verbose_name_plural = _("accounting offices")
        constraints = [
            models.CheckConstraint(
                condition=Q(enterprise_number__regex=r"^[01][0-9]{9}$"), name="offices_office_number_form"
            ),
            models.CheckConstraint(
                condition=Q(state="applied")
                | Q(state="client", client_at__isnull=False)
                | Q(state="former", client_at__isnull=False, former_at__isnull=False),
                name="offices_office_state_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.enterprise_number})"


class OfficeApplication(models.Model):
    """One sending of the public form by which an office applies: open → approved | declined.

    Anybody can send it, for any office: it changes no office. Staff choose which one to believe.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enterprise_number = models.CharField(_("enterprise number"), max_length=10)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"))
    language = CodeField(_("language"), max_length=2, words=LANGUAGE_NAMES)
    applicant = models.CharField(_("who asks"), max_length=200)
    state = CodeField(_("state"), max_length=10, words=APPLICATION_STATES, default=ApplicationState.OPEN)
    applied_at = models.DateTimeField(_("applied"))
    receipt_mailed_at = models.DateTimeField(_("receipt sent"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decision_mailed_at = models.DateTimeField(_("decision sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("application of an office")
        verbose_name_plural = _("applications of offices")
        constraints = [
            models.CheckConstraint(
                condition=Q(enterprise_number__regex=r"^[01][0-9]{9}$"), name="offices_application_number_form"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | Q(state="approved", decided_at__isnull=False)
                | (Q(state="declined", decided_at__isnull=False) & ~Q(reason="")),
                name="offices_application_state_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise_number", "applied_at"], name="offices_application_number"),
            models.Index(Upper("email"), "applied_at", name="offices_application_email"),
            models.Index(fields=["state", "id"], name="offices_application_state"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.enterprise_number})"


class OfficeMember(models.Model):
    """A person's right in an accounting office."""

    id = models.BigAutoField(primary_key=True)
    office = models.ForeignKey(
        AccountingOffice, on_delete=models.PROTECT, related_name="members", verbose_name=_("accounting office")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="office_memberships", verbose_name=_("user")
    )
    role = CodeField(_("role"), max_length=10, words=ROLES)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("office member")
        verbose_name_plural = _("office members")
        constraints = [models.UniqueConstraint(fields=["office", "user"], name="offices_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.office_id}"


class ClientLinkQuerySet(models.QuerySet["ClientLink"]):
    """Filters of client links."""

    def holding(self, on: date | OuterRef) -> "ClientLinkQuerySet":
        """Keep the links whose days hold this one; at most one per company."""
        return self.exclude(state=LinkState.CLAIMED).filter(Q(ends_on=None) | Q(ends_on__gt=on), starts_on__lte=on)

    def listed(self) -> "ClientLinkQuerySet":
        """Keep the links that are neither claims nor over; the last day of some may have passed since this night."""
        return self.filter(LISTED)

    def waiting(self) -> "ClientLinkQuerySet":
        """Keep the claims that wait for the present office or staff."""
        return self.filter(state=LinkState.CLAIMED)


class ClientLink(models.Model):
    """Company ↔ office, with half-open dates: claimed → current → ended.

    A current link may have its last day planned, or its first day still to come: whose books on a day is a matter of
    dates, never of the state. Links of one company never overlap. A claim has no days yet, so it may wait beside the
    current link.

    `company_name`, `company_number`, `standing` and `has_address` repeat what the company, its address, requests and
    connections say, so that an office's list of clients is one index away however it is filtered, sorted or searched.
    Triggers write them, whatever is saved here.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="client_links", verbose_name=_("company")
    )
    office = models.ForeignKey(
        AccountingOffice, on_delete=models.PROTECT, related_name="client_links", verbose_name=_("accounting office")
    )
    client_code = models.CharField(_("client code"), max_length=40, blank=True)
    state = CodeField(_("state"), max_length=10, words=LINK_STATES)
    claimed_at = models.DateTimeField(_("claimed"))
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    claimed_from = models.DateField(_("asked from"), null=True, blank=True)
    told_at = models.DateTimeField(_("present office told"), null=True, blank=True)
    objection = models.CharField(
        _("objection of the present office"), max_length=300, blank=True, default="", db_default=""
    )
    refusal = models.CharField(_("why the claim was refused"), max_length=300, blank=True, default="", db_default="")
    closed_until = models.DateField(_("books closed until"), null=True, blank=True)
    company_name = models.CharField(_("company's name"), max_length=200, default="", db_default="", editable=False)
    company_number = models.CharField(_("company's number"), max_length=10, default="", db_default="", editable=False)
    standing = CodeField(
        _("standing"),
        max_length=10,
        words=STANDINGS,
        default=ClientStanding.UNASKED,
        db_default=ClientStanding.UNASKED.value,
        editable=False,
    )
    has_address = models.BooleanField(_("has an address on file"), default=False, db_default=False, editable=False)

    objects = ClientLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("client link")
        verbose_name_plural = _("client links")
        constraints = [
            ExclusionConstraint(
                name="offices_clientlink_no_overlap",
                expressions=[("company", RangeOperators.EQUAL), (_period(), RangeOperators.OVERLAPS)],
                condition=Q(starts_on__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(state="claimed", starts_on__isnull=True)
                | Q(state="current", starts_on__isnull=False)
                | Q(state="ended", ends_on__isnull=False)
                | Q(state="ended", starts_on__isnull=True),
                name="offices_clientlink_state_dated",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="offices_clientlink_period_forward",
            ),
            models.UniqueConstraint(
                fields=["company", "office"], condition=Q(state="claimed"), name="offices_clientlink_one_claim"
            ),
        ]
        indexes = [
            models.Index(fields=["office", "company"], name="offices_clientlink_office"),
            models.Index(fields=["office", "company_name", "id"], condition=LISTED, name="offices_clientlink_by_name"),
            models.Index(fields=["office", "client_code", "id"], condition=LISTED, name="offices_clientlink_by_code"),
            models.Index(
                fields=["office", "standing", "company_name", "id"],
                condition=LISTED,
                name="offices_clientlink_by_standing",
            ),
            models.Index(
                fields=["office", "company_name", "id"],
                condition=LISTED & Q(has_address=False),
                name="offices_clientlink_no_address",
            ),
            # Of all rows: the planner learns nothing about what is common from an index of some.
            GinIndex(
                "office",
                OpClass(Upper("company_name"), name="gin_trgm_ops"),
                OpClass(Upper("client_code"), name="gin_trgm_ops"),
                OpClass(Upper("company_number"), name="gin_trgm_ops"),
                name="offices_clientlink_search",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_id} at {self.office_id} from {self.starts_on}"


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Filters of mandates."""

    def in_force(self, on: date | OuterRef) -> "MandateQuerySet":
        """Keep the mandates whose days hold this one."""
        return self.filter(
            Q(ends_on=None) | Q(ends_on__gt=on),
            state__in=[MandateState.ACTIVE, MandateState.ENDED],
            starts_on__lte=on,
        )


class Mandate(models.Model):
    """The company's authorisation for one account: requested → signed → active → ended, or refused."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("bank account")
    )
    purpose = CodeField(_("purpose"), max_length=20, words=MANDATE_PURPOSES)
    state = CodeField(_("state"), max_length=10, words=MANDATE_STATES)
    requested_at = models.DateTimeField(_("requested"))
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    signer = models.CharField(_("who must still sign"), max_length=200, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        constraints = [
            ExclusionConstraint(
                name="offices_mandate_no_overlap",
                expressions=[
                    ("bank_account", RangeOperators.EQUAL),
                    ("purpose", RangeOperators.EQUAL),
                    (_period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(starts_on__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(state="requested", starts_on__isnull=True)
                | Q(state="signed", signed_at__isnull=False, starts_on__isnull=True)
                | Q(state="active", signed_at__isnull=False, starts_on__isnull=False)
                | Q(state="ended", starts_on__isnull=False, ends_on__isnull=False)
                | Q(state="refused", starts_on__isnull=True),
                name="offices_mandate_state_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.bank_account_id} {self.state}"
