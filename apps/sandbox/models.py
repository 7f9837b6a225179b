"""What the sandbox remembers of a software, and what the service believes of it."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.fields import CodeField
from apps.sandbox.labels import MARK_STATES
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


class CompatibleMark(models.Model):
    """In the service, that a software passed the self-test on a day: standing → replaced | withdrawn.

    It is given by a report that the sandbox signed, each once.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    software = models.ForeignKey(Software, on_delete=models.PROTECT, related_name="marks", verbose_name=_("software"))
    report_uuid = models.UUIDField(_("report"), unique=True)
    tested_at = models.DateTimeField(_("tested"))
    works_for = models.JSONField(_("works for"))
    state = CodeField(_("state"), max_length=10, words=MARK_STATES)
    taken_at = models.DateTimeField(_("taken"))
    taken_by = models.CharField(_("taken by"), max_length=100)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("mark of a compatible software")
        verbose_name_plural = _("marks of compatible software")
        constraints = [
            models.UniqueConstraint(
                fields=["software"], condition=Q(state="standing"), name="sandbox_mark_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(state="standing", ended_at__isnull=True, reason="")
                | Q(state="replaced", ended_at__isnull=False, reason="")
                | (Q(state="withdrawn", ended_at__isnull=False) & ~Q(reason="")),
                name="sandbox_mark_state_dated",
            ),
        ]
        indexes = [models.Index(fields=["software", "-id"], name="sandbox_mark_newest")]

    def __str__(self) -> str:
        return f"{self.software_id} {self.tested_at:%Y-%m-%d}: {self.state}"
