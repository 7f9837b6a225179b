"""Storing bytes once, durably, before anything points to them."""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from apps.blobs.models import Blob
from apps.blobs.selectors import path_of


def store_bytes(content: bytes, *, now: datetime) -> Blob:
    """Write the bytes to disk (synced) and return their row, the same one for the same bytes.

    The file comes first: a crash in between leaves an unreferenced file, never a row without its bytes.
    """
    digest = hashlib.sha256(content).hexdigest()
    _write_once(path_of(digest), content)
    blob, _created = Blob.objects.get_or_create(sha256=digest, defaults={"size": len(content), "created_at": now})
    return blob


def _write_once(path: Path, content: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
