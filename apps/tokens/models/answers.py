"""What a call was answered, kept for a while so that its repetition gets the same."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptAnswer(models.Model):
    """The answer to a call that carried an `Idempotency-Key`, written in the transaction that did what was asked.

    `digest` is a hash of the caller and the key, `request_digest` one of the request: neither is kept in plain.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    request_digest = models.CharField(max_length=64, editable=False)
    status = models.PositiveSmallIntegerField(_("status"))
    content_type = models.CharField(_("media type"), max_length=100, blank=True)
    body = models.BinaryField(editable=False)
    kept_at = models.DateTimeField(_("kept since"))

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__gte=200, status__lt=300), name="tokens_keptanswer_of_success"
            )
        ]
        indexes = [models.Index(fields=["kept_at"], name="tokens_keptanswer_kept")]

    def __str__(self) -> str:
        return f"{self.status} since {self.kept_at}"
