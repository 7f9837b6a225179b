"""Storing bytes once, durably, before anything points to them."""

import hashlib
from datetime import datetime
from io import BytesIO
from typing import IO, Final

from django.db import connection

from apps.blobs.models import Blob
from apps.blobs.selectors import is_whole
from apps.blobs.storage import get_storage
from apps.blobs.storage.contract import CHUNK_BYTES
from apps.core import locks

_INSERT: Final = """
INSERT INTO blobs_blob (sha256, size, created_at) VALUES (%s, %s, %s) ON CONFLICT (sha256) DO NOTHING RETURNING id
"""


def store_bytes(content: bytes, *, now: datetime) -> Blob:
    """Keep bytes; see `store_file`."""
    return store_file(BytesIO(content), now=now)


def store_file(file: IO[bytes], *, now: datetime) -> Blob:
    """Keep the bytes of a seekable file durably and return their row, the same one for the same bytes.

    The file is read in pieces, twice. The bytes come first: a crash in between leaves bytes without a row, never a row
    without its bytes. What lies there already is read and replaced when it is damaged.

    :raises StorageUnavailable: when the storage does not do its work; no row was made.
    """
    digest, size = _measure(file)
    storage = get_storage()
    # Whoever removes bytes that nobody needs holds this lock alone, and looks again for a row: in a transaction of the
    # caller's, ours is not there to be seen before that ends.
    if connection.in_atomic_block:
        locks.hold_shared_until_commit(locks.BYTES, lock_key(digest))
    with locks.hold(locks.BYTES, lock_key(digest), is_shared=True):
        file.seek(0)
        if not storage.put(digest, file) and not is_whole(digest):
            file.seek(0)
            storage.put(digest, file, replace=True)
        return _keep_row(digest, size, now)


def _keep_row(digest: str, size: int, now: datetime) -> Blob:
    """Return the row of a digest; one statement where it is new, as nearly every paper is."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [digest, size, now])
        inserted = cursor.fetchone()
    if inserted:
        return Blob.from_db(
            connection.alias,
            ["id", "sha256", "size", "created_at", "released_at", "removed_at"],
            (inserted[0], digest, size, now, None, None),
        )
    blob = Blob.objects.get(sha256=digest)
    if blob.released_at:
        blob.released_at = blob.removed_at = None
        blob.save(update_fields=["released_at", "removed_at"])
    return blob


def lock_key(digest: str) -> int:
    """Return the key of a digest's lock; two of the same key only wait for each other."""
    return int(digest[:8], 16)


def _measure(file: IO[bytes]) -> tuple[str, int]:
    file.seek(0)
    found, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK_BYTES):
        found.update(chunk)
        size += len(chunk)
    return found.hexdigest(), size
