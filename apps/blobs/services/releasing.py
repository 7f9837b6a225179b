"""Removing bytes whose time of keeping is over, and that nothing else points to.

Two steps, so that nobody who is just receiving the same bytes loses them: bytes are released, which whoever stores
them again takes back; released ones are removed an hour later, if still nothing needs them.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, ManyToOneRel, Model, OuterRef, Q, QuerySet

from apps.blobs.models import Blob
from apps.blobs.services.storing import lock_key
from apps.blobs.storage import get_storage
from apps.core import locks

# No request lasts as long: by then its rows are there.
REMOVED_AFTER: Final = timedelta(hours=1)


def release_purged(*, now: datetime, among: Collection[int] | None = None) -> int:
    """Release the blobs that only purged rows point to; returns how many. They are refused to readers from now on.

    `among` are the ids to look at, where the caller knows which may have become free; otherwise all are looked at.
    """
    blobs = Blob.objects.filter(released_at=None)
    if among is not None:
        blobs = blobs.filter(pk__in=among)
    return _only_purged(blobs).update(released_at=now)


def remove_released(*, now: datetime) -> tuple[int, int]:
    """Remove the bytes of blobs released for an hour, taking back those that are needed again; returns count and size.

    :raises StorageUnavailable: when the storage does not answer; the next run goes on.
    """
    count = size = 0
    for blob in Blob.objects.filter(released_at__lt=now - REMOVED_AFTER, removed_at=None).order_by("pk").iterator():
        with locks.hold(locks.BYTES, lock_key(blob.sha256)):
            still = Blob.objects.filter(pk=blob.pk, removed_at=None).exclude(released_at=None)
            if not _only_purged(still).exists():
                still.update(released_at=None)
                continue
            storage = get_storage()
            storage.remove(storage.key_of(blob.sha256))
            still.update(removed_at=now)
        count, size = count + 1, size + blob.size
    return count, size


def _only_purged(blobs: QuerySet[Blob]) -> QuerySet[Blob]:
    """Keep the blobs to which some purged row points and no other: of any table, a row is purged by its `purged_at`."""
    is_purged = Q()
    for relation in Blob._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel):
            continue
        model: type[Model] = relation.field.model
        pointing = model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
        if any(field.name == "purged_at" for field in model._meta.fields):
            is_purged |= Q(Exists(pointing.exclude(purged_at=None)))
            pointing = pointing.filter(purged_at=None)
        blobs = blobs.filter(~Exists(pointing))
    return blobs.filter(is_purged)
