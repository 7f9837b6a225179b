"""Immutable bytes: papers are stored as received, under their SHA-256, and never changed."""

from django.db import models


class Blob(models.Model):
    """Stored bytes, unique by hash; who received them when is told by the arrivals that point here.

    The row stays for ever; bytes whose time of keeping is over are released, then removed (`services.releasing`).
    """

    id = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    created_at = models.DateTimeField()
    # Nothing needs the bytes any more since; and since when they are gone.
    released_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="blobs_blob_sha256_form"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="blobs_blob_size_positive"),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True) | models.Q(released_at__isnull=False),
                name="blobs_blob_removed_after_release",
            ),
        ]
        indexes = [
            models.Index(
                fields=["released_at"],
                condition=models.Q(released_at__isnull=False, removed_at__isnull=True),
                name="blobs_blob_to_be_removed",
            )
        ]

    def __str__(self) -> str:
        return self.sha256
