"""Requests to connect, their checks, the cases of those refused, and enquiries beforehand."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.companies.models import Company
from apps.core.fields import CodeField
from apps.tokens.labels import CASE_STATES, REQUEST_PURPOSES, REQUEST_STATES
from apps.tokens.models.software import Software
from apps.tokens.rules import OPEN_REQUEST_STATES, RequestPurpose
from apps.users.models import MailedLink


class NonActivationCase(models.Model):
    """The staff's work item for refused requests with one cause: open ⇄ in_progress → resolved | closed."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    code = models.CharField(_("cause"), max_length=30)
    key = models.CharField(_("number or address"), max_length=254)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("company")
    )
    state = CodeField(_("state"), max_length=15, words=CASE_STATES)
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
    state = CodeField(_("state"), max_length=15, words=REQUEST_STATES)
    purpose = CodeField(
        _("purpose"),
        max_length=15,
        words=REQUEST_PURPOSES,
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
        indexes = [
            models.Index(fields=["state", "id"], name="tokens_request_state"),
            models.Index(fields=["software", "id"], name="tokens_request_newest"),
            models.Index(fields=["software", "state", "id"], name="tokens_request_by_state"),
            models.Index(fields=["software", "enterprise_number"], name="tokens_request_by_number"),
        ]

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
