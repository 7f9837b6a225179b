"""Tokens, the connections that they open, and the credentials of both sides."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.core.fields import CodeField
from apps.tokens.labels import BANK_ACCESS, CONNECTION_STATES, TOKEN_STATES
from apps.tokens.models.requests import ConnectionRequest
from apps.tokens.models.software import Software
from apps.tokens.rules import BankAccess


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
    state = CodeField(_("state"), max_length=15, words=TOKEN_STATES)
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
    """Company ↔ software: active ⇄ suspended → revoked.

    `bank_access` bounds what it sees of the company's money: only what came in (CODAPlus, `xml`), whole statements, or
    these and every movement, whatever invoice it paid.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="connections", verbose_name=_("company")
    )
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, related_name="connections", verbose_name=_("software")
    )
    state = CodeField(_("state"), max_length=10, words=CONNECTION_STATES)
    activated_at = models.DateTimeField(_("active since"))
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    suspension_code = models.CharField(_("cause"), max_length=30, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    bank_access = CodeField(
        _("what it sees of the bank"),
        max_length=10,
        words=BANK_ACCESS,
        default=BankAccess.STATEMENTS,
        db_default=BankAccess.STATEMENTS.value,
    )

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
        indexes = [
            models.Index(fields=["software", "id"], name="tokens_connection_newest"),
            models.Index(fields=["software", "state", "id"], name="tokens_connection_by_state"),
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
