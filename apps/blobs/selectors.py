"""Reading stored bytes, verified."""

import hashlib
from pathlib import Path

from django.conf import settings

from apps.blobs.models import Blob


class BlobDamaged(Exception):
    """The stored bytes are missing or no longer hash to their name: an operator must restore them."""


def read_bytes(blob: Blob) -> bytes:
    """Return the bytes of a blob.

    :raises BlobDamaged: when the file is gone or its hash differs.
    """
    try:
        content = path_of(blob.sha256).read_bytes()
    except FileNotFoundError as error:
        raise BlobDamaged(f"Blob {blob.sha256} is missing on disk.") from error
    if hashlib.sha256(content).hexdigest() != blob.sha256:
        raise BlobDamaged(f"Blob {blob.sha256} does not match its hash.")
    return content


def path_of(digest: str) -> Path:
    """Return where the bytes of a hash lie, two levels deep to keep folders small."""
    return Path(settings.BLOB_DIR) / digest[:2] / digest[2:4] / digest
