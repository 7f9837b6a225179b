"""What a storage does; it knows names (SHA-256 in hexadecimal) and bytes, and nothing of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final, Protocol

from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError

CHUNK_BYTES: Final = 1 << 20
RETRY_AFTER_SECONDS: Final = 10


class BytesMissing(Exception):
    """The storage answers, and has nothing under this name."""


class StorageUnavailable(DomainError):
    """The storage does not answer, or refuses us: nothing was kept, and the same call works later."""

    code = "storage_unavailable"
    sentence = _("Documents cannot be stored or read at this moment. Try again later.")

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_AFTER_SECONDS)


@dataclass(frozen=True, slots=True)
class Stored:
    """Something that lies in the storage. `digest` is None when its name is none of ours to read, as of a leftover."""

    key: str
    digest: str | None
    size: int
    modified_at: datetime


class Storage(Protocol):
    """A place for immutable bytes.

    Every method but `read` and `list_all`, which do so while they are iterated, raises `StorageUnavailable`.
    """

    def put(self, digest: str, source: IO[bytes], *, replace: bool = False) -> bool:
        """Keep the bytes of a file from its present place on; durable once this returns.

        Returns whether they were written: without `replace`, what lies there already stays as it is.
        """

    def read(self, digest: str) -> Iterator[bytes]:
        """Yield the bytes in pieces of about a megabyte.

        :raises BytesMissing: before the first piece.
        """

    def list_all(self) -> Iterator[Stored]:
        """Yield everything that lies there, in no order."""

    def remove(self, key: str) -> None:
        """Remove what lies under a key of `list_all` or `key_of`; nothing there is no error."""

    def key_of(self, digest: str) -> str:
        """Return the key under which the bytes of a digest lie."""


def place_of(digest: str) -> str:
    """Return the key of a digest in every storage, two levels deep to keep folders small."""
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def digest_in(key: str) -> str | None:
    """Return the digest whose key this is, if it is one."""
    digest = key.rpartition("/")[2]
    return digest if len(digest) == 64 and set(digest) <= set("0123456789abcdef") and key == place_of(digest) else None
