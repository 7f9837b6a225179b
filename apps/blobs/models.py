"""Immutable bytes: papers are stored as received, under their SHA-256, and never changed."""

from django.db import models


class Blob(models.Model):
    """Stored bytes, unique by hash; who received them when is told by the arrivals that point here."""

    id = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="blobs_blob_sha256_form"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="blobs_blob_size_positive"),
        ]

    def __str__(self) -> str:
        return self.sha256
