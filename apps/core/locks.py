"""Session locks of PostgreSQL: held by one process at a time, and free the moment its connection dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

# The first key of each use, so that two uses never meet.
REACTIONS: Final = 7401
JOBS: Final = 7402
BYTES: Final = 7403
DESTINATIONS: Final = 7404
# Of a transaction, not of a session: one account's statements come in one after another.
ACCOUNTS: Final = 7405
SOURCE_FILES: Final = 7406
# Key 0 is looking into the directory, the others its files.
INBOX: Final = 7407
# A bank's file, while it is imported.
CODA_FILES: Final = 7408
# Of a transaction: one caller's calls under one Idempotency-Key come one after another.
ANSWERS: Final = 7411
# Key 0 is telling software what happened.
WEBHOOKS: Final = 7409

_ALONE: Final = ("SELECT pg_advisory_lock(%s, %s)", "SELECT pg_advisory_unlock(%s, %s)")
_SHARED: Final = ("SELECT pg_advisory_lock_shared(%s, %s)", "SELECT pg_advisory_unlock_shared(%s, %s)")


def hold_shared_until_commit(space: int, key: int) -> None:
    """Hold a lock with others until the transaction at hand ends, waiting for one who holds it alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [space, key % 2**31])


@contextmanager
def hold(space: int, key: int, *, is_shared: bool = False) -> Iterator[None]:
    """Hold a lock while the block runs, waiting for it; shared holders wait only for one that is not."""
    take, give_back = _SHARED if is_shared else _ALONE
    with connection.cursor() as cursor:
        cursor.execute(take, [space, key % 2**31])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(give_back, [space, key % 2**31])


@contextmanager
def try_hold(space: int, key: int) -> Iterator[bool]:
    """Hold a lock while the block runs; yields whether it was free. A killed holder's lock can be taken at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, key % 2**31])
        is_held = bool(cursor.fetchone()[0])
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key % 2**31])
