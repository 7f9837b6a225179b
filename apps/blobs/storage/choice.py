"""The storage that the settings name."""

import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from apps.blobs.storage.bucket import BucketPlace, BucketStorage
from apps.blobs.storage.contract import Storage
from apps.blobs.storage.folder import FolderStorage


def get_storage() -> Storage:
    """Return this process's storage."""
    if settings.BLOB_BUCKET:
        return _bucket(BucketPlace(**settings.BLOB_BUCKET), os.getpid())
    return FolderStorage(Path(settings.BLOB_DIR))


@lru_cache(maxsize=4)
def _bucket(place: BucketPlace, _process: int) -> Storage:
    return BucketStorage(place)
