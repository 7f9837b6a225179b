"""Software that asks for companies, its makers, keys and use."""

from typing import Final
from uuid import uuid4

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.companies.labels import ROLES
from apps.core.fields import CodeField
from apps.core.languages import LANGUAGE_NAMES
from apps.tokens.labels import SOFTWARE_STATES
from apps.tokens.packages import SECTORS
from apps.tokens.rules import SoftwareState

LONGEST_DESCRIPTION: Final = 500


class Vendor(models.Model):
    """The maker of one or more packages."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, unique=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    language = CodeField(_("language"), max_length=2, words=LANGUAGE_NAMES, default="en", db_default="en")

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")

    def __str__(self) -> str:
        return self.name


class VendorMember(models.Model):
    """A person's right in what a maker of software does here."""

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="members", verbose_name=_("vendor"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="vendor_memberships", verbose_name=_("user")
    )
    role = CodeField(_("role"), max_length=10, words=ROLES)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("vendor member")
        verbose_name_plural = _("vendor members")
        constraints = [models.UniqueConstraint(fields=["vendor", "user"], name="tokens_vendormember_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.vendor_id}"


class Software(models.Model):
    """An invoicing package. sandbox → live → disabled."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="softwares", verbose_name=_("vendor"))
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    website = models.CharField(_("website"), max_length=200, blank=True, validators=[URLValidator()])
    # What its maker wrote when it registered; `packages` knows more of some.
    sector = CodeField(_("sector"), max_length=20, words=SECTORS, blank=True, default="", db_default="")
    description = models.CharField(
        _("what it does"), max_length=LONGEST_DESCRIPTION, blank=True, default="", db_default=""
    )
    state = CodeField(_("state"), max_length=10, words=SOFTWARE_STATES)

    class Meta:
        verbose_name = _("software")
        verbose_name_plural = pgettext_lazy("several", "software")
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
