"""What the sandbox remembers of a software: the reports of its self-test."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.tokens.models import Software


class SelfTestReport(models.Model):
    """What a software had shown on a day: the steps seen and missing, and whether that makes it compatible."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    software = models.ForeignKey(
        Software, on_delete=models.PROTECT, related_name="self_tests", verbose_name=_("software")
    )
    made_at = models.DateTimeField(_("made"))
    is_compatible = models.BooleanField(_("compatible"))
    done = models.JSONField(_("seen"))
    missing = models.JSONField(_("missing"))

    class Meta:
        verbose_name = _("self-test report")
        verbose_name_plural = _("self-test reports")
        indexes = [models.Index(fields=["software", "-id"], name="sandbox_report_newest")]

    def __str__(self) -> str:
        return f"{self.software_id} {self.made_at:%Y-%m-%d}: {'compatible' if self.is_compatible else 'incomplete'}"
