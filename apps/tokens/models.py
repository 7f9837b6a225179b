"""Software, connection requests, tokens, connections, credentials and non-activation cases."""

from uuid import uuid4

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.tokens.rules import (
    OPEN_REQUEST_STATES,
    CaseState,
    ConnectionState,
    RequestPurpose,
    RequestState,
    SoftwareState,
    TokenState,
)
from apps.users.models import MailedLink


class Vendor(models.Model):
    """The maker of one or more packages."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, unique=True)
    email = models.EmailField(_("e-mail address"), blank=True)

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")

    def __str__(self) -> str:
        return self.name


class Software(models.Model):
    """An invoicing package. sandbox → live → disabled."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="softwares", verbose_name=_("vendor"))
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    website = models.CharField(_("website"), max_length=200, blank=True, validators=[URLValidator()])
    state = models.CharField(_("state"), max_length=10, choices=[(s, s) for s in SoftwareState])

    class Meta:
        verbose_name = _("software")
        verbose_name_plural = _("software")
        constraints = [models.CheckConstraint(condition=Q(state__in=list(SoftwareState)), name="tokens_software_state")]

    def __str__(self) -> str:
        return self.name


class SoftwareKey(models.Model):
    """What a package sends in `X-Software-Company`. It is in every installation: it identifies and proves nothing."""

    id = models.BigAutoField(primary_key=True)
    software = models.ForeignKey(Software, on_delete=models.PROTECT, related_name="keys", verbose_name=_("software"))
    key = models.UUIDField(_("key"), default=uuid4, unique=True)
    created_at = models.DateTimeField(_("created"))
    disabled_at = models.DateTimeField(_("disabled"), null=True, blank=True)

    class Meta:
        verbose_name = _("software key")
        verbose_name_plural = _("software keys")

    def __str__(self) -> str:
        return str(self.key)


class SoftwareUsage(models.Model):
    """How often a software did something on a day."""

    id = models.BigAutoField(primary_key=True)
    software = models.ForeignKey(Software, on_delete=models.PROTECT, related_name="usage", verbose_name=_("software"))
    day = models.DateField(_("day"))
    kind = models.CharField(_("what"), max_length=20)
    count = models.PositiveBigIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("use of a software")
        verbose_name_plural = _("use of software")
        constraints = [models.UniqueConstraint(fields=["software", "day", "kind"], name="tokens_usage_once")]

    def __str__(self) -> str:
        return f"{self.software_id} {self.day} {self.kind}: {self.count}"


class NonActivationCase(models.Model):
    """The staff's work item for refused requests with one cause: open ⇄ in_progress → resolved | closed."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    code = models.CharField(_("cause"), max_length=30)
    key = models.CharField(_("number or address"), max_length=254)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("company")
    )
    state = models.CharField(_("state"), max_length=15, choices=[(s, s) for s in CaseState])
    opened_at = models.DateTimeField(_("opened"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("non-activation case")
        verbose_name_plural = _("non-activation cases")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "key"],
                condition=Q(state__in=["open", "in_progress"]),
                name="tokens_case_one_open_per_cause",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "in_progress"], ended_at__isnull=True)
                | Q(state__in=["resolved", "closed"], ended_at__isnull=False),
                name="tokens_case_state_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.key}"


class ConnectionRequest(models.Model):
    """A software's request for a company.

    waiting → sending → token_sent → activated; sending and token_sent fall back to waiting; open ones may end as
    expired, withdrawn or closed.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, related_name="requests", verbose_name=_("software")
    )
    enterprise_number = models.CharField(_("enterprise number"), max_length=10)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="requests", verbose_name=_("company")
    )
    case = models.ForeignKey(
        NonActivationCase,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("non-activation case"),
    )
    state = models.CharField(_("state"), max_length=15, choices=[(s, s) for s in RequestState])
    purpose = models.CharField(
        _("purpose"),
        max_length=15,
        choices=[(p, p) for p in RequestPurpose],
        default=RequestPurpose.CONNECT,
        db_default=RequestPurpose.CONNECT.value,
    )
    refusal_code = models.CharField(_("reason"), max_length=30, blank=True)
    requested_at = models.DateTimeField(_("requested"))
    state_at = models.DateTimeField(_("in this state since"))
    token_sent_at = models.DateTimeField(_("token sent"), null=True, blank=True)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    expires_at = models.DateTimeField(_("lives until"))
    closing_message = models.TextField(_("message to the end user"), blank=True)

    class Meta:
        verbose_name = _("connection request")
        verbose_name_plural = _("connection requests")
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise_number", "software"],
                condition=Q(state__in=list(OPEN_REQUEST_STATES)),
                name="tokens_request_one_open",
            ),
            models.CheckConstraint(
                condition=(Q(state="waiting") & ~Q(refusal_code="")) | (~Q(state="waiting") & Q(refusal_code="")),
                name="tokens_request_waiting_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting")
                | Q(state="sending")
                | Q(state="token_sent", token_sent_at__isnull=False)
                | Q(state="activated", activated_at__isnull=False)
                | Q(state__in=["expired", "withdrawn", "closed"], ended_at__isnull=False),
                name="tokens_request_state_dated",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="tokens_request_state")]

    def __str__(self) -> str:
        return f"{self.enterprise_number} for {self.software_id}: {self.state}"


class ConnectionEnquiry(models.Model):
    """One "Can my company connect?": the number asked about and what became of it, kept for a while, no address.

    It does not know its company: who asks may not learn from the time it takes whether there is one.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enterprise_number = models.CharField(_("enterprise number"), max_length=10)
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, null=True, blank=True, related_name="enquiries", verbose_name=_("software")
    )
    asked_at = models.DateTimeField(_("asked"))
    outcome = models.CharField(_("outcome"), max_length=30, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("handed over to mail"), null=True, blank=True)
    link = models.OneToOneField(
        MailedLink,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="enquiry",
        verbose_name=_("mailed link"),
    )

    class Meta:
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", answered_at__isnull=True) | (~Q(outcome="") & Q(answered_at__isnull=False)),
                name="tokens_enquiry_outcome_dated",
            ),
            models.CheckConstraint(
                condition=Q(mailed_at__isnull=True) | Q(answered_at__isnull=False),
                name="tokens_enquiry_mailed_is_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise_number", "answered_at"], name="tokens_enquiry_number"),
            models.Index(fields=["asked_at"], name="tokens_enquiry_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_number}: {self.outcome or 'not answered yet'}"


class CheckResult(models.Model):
    """The latest outcome of one check of a request."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(
        ConnectionRequest, on_delete=models.CASCADE, related_name="check_results", verbose_name=_("connection request")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    code = models.CharField(_("check"), max_length=30)
    passed = models.BooleanField(_("passed"))
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("check result")
        verbose_name_plural = _("check results")
        constraints = [models.UniqueConstraint(fields=["request", "code"], name="tokens_checkresult_once")]

    def __str__(self) -> str:
        return f"{self.code}: {'passed' if self.passed else 'failed'}"


class AccessToken(models.Model):
    """A mailed one-time secret: issued → exchanged | superseded | expired | revoked. The plain text is never stored."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    request = models.ForeignKey(
        ConnectionRequest, on_delete=models.PROTECT, related_name="tokens", verbose_name=_("connection request")
    )
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="tokens", verbose_name=_("company"))
    software = models.ForeignKey(Software, on_delete=models.PROTECT, related_name="tokens", verbose_name=_("software"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=15, choices=[(s, s) for s in TokenState])
    sent_to = models.EmailField(_("sent to"))
    issued_at = models.DateTimeField(_("issued"))
    expires_at = models.DateTimeField(_("valid until"))
    mailed_at = models.DateTimeField(_("handed over to mail"), null=True, blank=True)
    mail_failed_at = models.DateTimeField(_("last mail failure"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    exchanged_at = models.DateTimeField(_("exchanged"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=Q(state="issued"), name="tokens_token_one_issued"),
            models.CheckConstraint(
                condition=Q(state__in=["issued", "expired"])
                | Q(state="exchanged", exchanged_at__isnull=False)
                | Q(state="superseded", superseded_at__isnull=False)
                | Q(state="revoked", revoked_at__isnull=False),
                name="tokens_token_state_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "software", "issued_at"], name="tokens_token_mails"),
            models.Index(Upper("sent_to"), "issued_at", name="tokens_token_mails_address"),
            models.Index(fields=["expires_at"], condition=Q(state="issued"), name="tokens_token_expiring"),
            models.Index(fields=["mailed_at"], condition=Q(mailed_at__isnull=False), name="tokens_token_mailed"),
            models.Index(
                fields=["mail_failed_at"],
                condition=Q(mail_failed_at__isnull=False),
                name="tokens_token_mail_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"token {self.uuid} ({self.state})"

    @property
    def letter(self) -> str:
        """What links that travel in its mail say they were made by."""
        return f"token:{self.uuid}"


class AddressWarning(models.Model):
    """A digest that told an address how many codes it got in a day; at most one a day."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    address = models.EmailField(_("sent to"))
    warned_at = models.DateTimeField(_("warned"))

    class Meta:
        verbose_name = _("warning to an address")
        verbose_name_plural = _("warnings to addresses")
        indexes = [models.Index(Upper("address"), "warned_at", name="tokens_addresswarning_address")]

    def __str__(self) -> str:
        return f"{self.address} {self.warned_at}"


class Connection(models.Model):
    """Company ↔ software: active ⇄ suspended → revoked."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="connections", verbose_name=_("company")
    )
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, related_name="connections", verbose_name=_("software")
    )
    state = models.CharField(_("state"), max_length=10, choices=[(s, s) for s in ConnectionState])
    activated_at = models.DateTimeField(_("active since"))
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    suspension_code = models.CharField(_("cause"), max_length=30, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "software"],
                condition=~Q(state="revoked"),
                name="tokens_connection_one_live_per_software",
            ),
            models.CheckConstraint(
                condition=Q(state="active", suspended_at__isnull=True, suspension_code="")
                | (Q(state="suspended", suspended_at__isnull=False) & ~Q(suspension_code=""))
                | Q(state="revoked", revoked_at__isnull=False),
                name="tokens_connection_state_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_id} with {self.software_id}: {self.state}"


class Credential(models.Model):
    """A user name and the hash of its password, of a connection or of an accounting office."""

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(
        Connection,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credentials",
        verbose_name=_("connection"),
    )
    office = models.ForeignKey(
        AccountingOffice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credentials",
        verbose_name=_("accounting office"),
    )
    # Where it was given, once that connection became one with another by a merge of their companies: two lines of
    # pairs, of which none may end the other's.
    origin = models.ForeignKey(
        Connection,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("given for"),
    )
    token = models.ForeignKey(
        AccessToken,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credentials",
        verbose_name=_("token"),
    )
    # How an office calls one of its pairs.
    name = models.CharField(_("name"), max_length=60, blank=True, default="", db_default="")
    username = models.CharField(_("user name"), max_length=30, unique=True)
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("given"))
    first_used_at = models.DateTimeField(_("first used"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    overlap_until = models.DateTimeField(_("works beside the newer pair until"), null=True, blank=True)
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    class Meta:
        verbose_name = _("credentials")
        verbose_name_plural = _("credentials")
        constraints = [
            models.CheckConstraint(
                condition=Q(connection__isnull=False, office__isnull=True)
                | Q(connection__isnull=True, office__isnull=False),
                name="tokens_credential_one_owner",
            ),
            models.UniqueConstraint(
                fields=["token"],
                condition=Q(voided_at__isnull=True, token__isnull=False),
                name="tokens_credential_one_live_per_token",
            ),
        ]
        indexes = [models.Index(fields=["connection", "id"], name="tokens_credential_connection")]

    def __str__(self) -> str:
        return self.username
