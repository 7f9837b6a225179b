"""Archives of large selections, which are written in parts and kept for some days."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.blobs.models import Blob
from apps.jobs.models import Job


class Bundle(models.Model):
    """The archive that a job makes: being written → ready (`kept_until`) → removed; one that is not ready may go too.

    Its job says for whom it is, how far it is and what it holds; `size` is what a download of it takes, in bytes.
    """

    id = models.BigAutoField(primary_key=True)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="bundle", verbose_name=_("job"))
    size = models.BigIntegerField(_("size"), default=0)
    kept_until = models.DateTimeField(_("kept until"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        constraints = [models.CheckConstraint(condition=Q(size__gte=0), name="delivery_bundle_size_positive")]
        indexes = [
            models.Index(
                fields=["kept_until"],
                condition=Q(kept_until__isnull=False, removed_at__isnull=True),
                name="delivery_bundle_kept",
            )
        ]

    def __str__(self) -> str:
        return str(self.job)


class BundlePart(models.Model):
    """Some documents of an archive as they stand in it, or its end; all parts in their order are the archive.

    `contents` says what is inside, for the archive's end and for who downloads it; it is emptied when the part goes.
    """

    id = models.BigAutoField(primary_key=True)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="parts", verbose_name=_("archive"))
    number = models.PositiveIntegerField(_("number"))
    content = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+", verbose_name=_("content"))
    contents = models.JSONField(_("contents"), default=dict)
    purged_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("part of an archive")
        verbose_name_plural = _("parts of an archive")
        constraints = [models.UniqueConstraint(fields=["bundle", "number"], name="delivery_bundlepart_once")]

    def __str__(self) -> str:
        return f"{self.bundle_id} part {self.number}"
