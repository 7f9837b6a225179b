"""Reading everything that is stored again, and finding what lies there that no row knows."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apps.blobs.models import Blob
from apps.blobs.rules import wait_to_keep_rate
from apps.blobs.services.storing import lock_key
from apps.blobs.storage import BytesMissing, Stored, get_storage
from apps.core import locks

BATCH: Final = 500
# By then every upload that wrote bytes has written its row, or never will.
LEFTOVER_AGE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What one blob's bytes are: whole, missing or damaged. `size` is what the row says."""

    digest: str
    size: int
    state: str


def scrub(*, after: str = "", bytes_a_second: int = 0) -> Iterator[Scrubbed]:
    """Hash the bytes of every blob behind a digest, in the order of the digests; nothing is changed.

    No more than a piece of about a megabyte is in memory. A rate above zero is kept on average, by waiting.

    :raises StorageUnavailable: when the storage does not answer; go on behind the last digest that was told.
    """
    pace = _Pace(bytes_a_second)
    while batch := list(Blob.objects.filter(sha256__gt=after, removed_at=None).order_by("sha256")[:BATCH]):
        for blob in batch:
            yield Scrubbed(blob.sha256, blob.size, _state(blob, pace))
        after = batch[-1].sha256


def find_leftovers(*, now: datetime) -> Iterator[Stored]:
    """Yield what lies in the storage for longer than a day without a row: writes that a crash cut off."""
    waiting: list[Stored] = []
    for stored in get_storage().list_all():
        if stored.modified_at < now - LEFTOVER_AGE:
            waiting.append(stored)
        if len(waiting) == BATCH:
            yield from _without_row(waiting)
            waiting = []
    yield from _without_row(waiting)


def remove_leftover(stored: Stored) -> bool:
    """Remove what `find_leftovers` found, unless somebody sent the same bytes meanwhile; tell whether it went."""
    if stored.digest is None:
        get_storage().remove(stored.key)
        return True
    with locks.hold(locks.BYTES, lock_key(stored.digest)):
        if Blob.objects.filter(sha256=stored.digest).exists():
            return False
        get_storage().remove(stored.key)
    return True


def _without_row(found: list[Stored]) -> list[Stored]:
    digests = [stored.digest for stored in found if stored.digest]
    known = set(Blob.objects.filter(sha256__in=digests).values_list("sha256", flat=True))
    return [stored for stored in found if stored.digest not in known]


def _state(blob: Blob, pace: "_Pace") -> str:
    found = hashlib.sha256()
    try:
        for chunk in get_storage().read(blob.sha256):
            found.update(chunk)
            pace.wait_after(len(chunk))
    except BytesMissing:
        return "missing"
    return "whole" if found.hexdigest() == blob.sha256 else "damaged"


class _Pace:
    """Waits so that no more bytes a second are read than were asked for; zero asks for nothing."""

    def __init__(self, bytes_a_second: int) -> None:
        self._rate = bytes_a_second
        self._began = time.monotonic()
        self._read = 0

    def wait_after(self, count: int) -> None:
        """Count what was read, and wait until it is due."""
        self._read += count
        seconds = time.monotonic() - self._began
        time.sleep(wait_to_keep_rate(self._read, seconds=seconds, bytes_a_second=self._rate))
