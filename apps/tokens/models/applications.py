"""What makers of software ask for by the public form."""

from uuid import uuid4

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from apps.core.fields import CodeField
from apps.core.languages import LANGUAGE_NAMES
from apps.tokens.labels import APPLICATION_STATES
from apps.tokens.models.software import LONGEST_DESCRIPTION, Software
from apps.tokens.packages import SECTORS
from apps.tokens.rules import ApplicationState


class VendorApplication(models.Model):
    """A maker asks for a key for its software: applied → approved | refused.

    Anybody can send the form under any name: it changes no maker and no software. Staff find out who asks.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    vendor_name = models.CharField(_("vendor"), max_length=200)
    website = models.CharField(_("website"), max_length=200, validators=[URLValidator()])
    email = models.EmailField(_("e-mail address"))
    language = CodeField(_("language"), max_length=2, words=LANGUAGE_NAMES)
    software_name = models.CharField(_("software"), max_length=100)
    sector = CodeField(_("sector"), max_length=20, words=SECTORS, blank=True)
    description = models.CharField(_("what it does"), max_length=LONGEST_DESCRIPTION)
    state = CodeField(_("state"), max_length=10, words=APPLICATION_STATES, default=ApplicationState.APPLIED)
    applied_at = models.DateTimeField(_("applied"))
    receipt_mailed_at = models.DateTimeField(_("receipt sent"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    refusal_mailed_at = models.DateTimeField(_("refusal sent"), null=True, blank=True)
    software = models.OneToOneField(
        Software, on_delete=models.PROTECT, null=True, blank=True, related_name="application", verbose_name=_("made")
    )

    class Meta:
        verbose_name = _("application of a vendor")
        verbose_name_plural = _("applications of vendors")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="applied", decided_at__isnull=True, software__isnull=True)
                | Q(state="approved", decided_at__isnull=False, software__isnull=False)
                | (Q(state="refused", decided_at__isnull=False, software__isnull=True) & ~Q(reason="")),
                name="tokens_application_state_dated",
            ),
            models.UniqueConstraint(
                Lower("email"), Lower("software_name"), condition=Q(state="applied"), name="tokens_application_one_open"
            ),
        ]
        indexes = [
            models.Index(Upper("email"), "applied_at", name="tokens_application_email"),
            models.Index(fields=["state", "id"], name="tokens_application_state"),
        ]

    def __str__(self) -> str:
        return f"{self.software_name} ({self.vendor_name})"
