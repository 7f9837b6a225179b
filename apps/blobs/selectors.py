"""Reading stored bytes, verified."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from django.utils.translation import gettext_lazy as _

from apps.blobs.models import Blob
from apps.blobs.storage import BytesMissing, get_storage
from apps.core.errors import DomainError

_IN_MEMORY: Final = 8 << 20


class BlobPurged(DomainError):
    """The time of keeping is over, and the bytes were removed, or will be within hours."""

    code = "document_purged"
    sentence = _("The legal time of keeping this document is over, and it was removed. Its particulars are still here.")


class BlobDamaged(Exception):
    """The stored bytes are missing or no longer hash to their name: an operator must restore them."""


def read_bytes(blob: Blob) -> bytes:
    """Return the bytes of a blob.

    :raises BlobPurged: when their time of keeping is over.
    :raises BlobDamaged: when they are gone or their hash differs.
    :raises StorageUnavailable: when the storage does not answer.
    """
    return b"".join(read_chunks(blob))


def read_chunks(blob: Blob) -> Iterator[bytes]:
    """Yield the bytes of a blob in pieces of about a megabyte; the last one comes only when all of them are right.

    :raises BlobPurged: when their time of keeping is over.
    :raises BlobDamaged: when they are gone or their hash differs.
    :raises StorageUnavailable: when the storage does not answer.
    """
    if blob.released_at:
        raise BlobPurged
    found, waiting = hashlib.sha256(), b""
    try:
        for chunk in get_storage().read(blob.sha256):
            if waiting:
                yield waiting
            found.update(chunk)
            waiting = chunk
    except BytesMissing as error:
        raise BlobDamaged(f"Blob {blob.sha256} is missing in the storage.") from error
    if found.hexdigest() != blob.sha256:
        raise BlobDamaged(f"Blob {blob.sha256} does not match its hash.")
    if waiting:
        yield waiting


@contextmanager
def open_bytes(blob: Blob) -> Iterator[BinaryIO]:
    """Open a verified copy of the bytes of a blob as a seekable file, which is on disk when it is large.

    :raises BlobPurged: :raises BlobDamaged: :raises StorageUnavailable: as `read_chunks`, before anything is given.
    """
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        for chunk in read_chunks(blob):
            file.write(chunk)
        file.seek(0)
        yield cast("BinaryIO", file)


def is_whole(digest: str) -> bool:
    """Tell whether what lies under a digest hashes to it."""
    found = hashlib.sha256()
    try:
        for chunk in get_storage().read(digest):
            found.update(chunk)
    except BytesMissing:
        return False
    return found.hexdigest() == digest
