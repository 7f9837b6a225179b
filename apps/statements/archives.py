"""ZIP and gzip as banks and people send them: which files an archive holds, and their bytes within limits.

An archive is recognised by its first bytes, never by its name. Nothing is written under a name of an archive, and
what is unpacked is counted while it is, so that a bomb stops where the limit is. Plain Python, without Django.
"""

import errno
import gzip
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Final

MAX_MEMBERS: Final = 10_000
MAX_MEMBER_BYTES: Final = 500_000_000
MAX_UNPACKED_BYTES: Final = 2_000_000_000
# A bank's file packs to a twentieth or a fiftieth; this is asked of members that unpack to more than the second figure.
MAX_RATIO: Final = 200
RATIO_FROM_BYTES: Final = 10_000_000
# The list of members is read at once: room for so many of them with names of common length.
MAX_DIRECTORY_BYTES: Final = 4_000_000
CHUNK_BYTES: Final = 1 << 18

# What can be wrong with an archive, or with one file in it: each quarantines it.
CODES: Final = frozenset(
    {
        "archive_damaged",
        "archive_empty",
        "archive_encrypted",
        "archive_nested",
        "archive_ratio",
        "archive_too_large",
        "archive_too_many_members",
        "archive_unsafe_member",
        "archive_unsupported",
    }
)

_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP_START: Final = b"\x1f\x8b"
_OTHER_STARTS: Final = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"MSCF", "cabinet"),
)
_TAR: Final = (257, b"ustar")
_HEAD_BYTES: Final = 512
_RUBBISH_NAMES: Final = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini"})
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_FAULTS: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, UnicodeDecodeError, ValueError, OverflowError, IndexError,
    NotImplementedError,
)  # fmt: skip


class Kind(StrEnum):
    """What a file is by its first bytes; `unsupported` is an archive of a kind that is not opened."""

    PLAIN = "plain"
    ZIP = "zip"
    GZIP = "gzip"
    UNSUPPORTED = "unsupported"


class ArchiveRefused(Exception):
    """An archive, or one file in it, is not unpacked: a code of `CODES`, and why as a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its place there (from 0), and its name fit to be shown."""

    place: int
    name: str


def recognise(stream: IO[bytes]) -> Kind:
    """Say what a seekable file is."""
    stream.seek(0)
    return _kind_of(stream.read(_HEAD_BYTES))[0]


class Archive:
    """A ZIP or gzip file, opened: `members` are its files, `ignored` the names that are none of a bank's.

    :raises ArchiveRefused: when it is no archive that can be opened, or one beyond the limits.
    """

    def __init__(self, stream: IO[bytes], *, name: str) -> None:
        stream.seek(0)
        kind, label = _kind_of(stream.read(_HEAD_BYTES))
        if kind is Kind.UNSUPPORTED:
            raise ArchiveRefused("archive_unsupported", f"This is a {label} archive; ZIP and gzip are opened.")
        self._stream = _Bounded(stream)
        self.members: tuple[Member, ...] = ()
        self.ignored: tuple[str, ...] = ()
        self._infos: list[zipfile.ZipInfo] = []
        if kind is Kind.ZIP:
            self._list_members()
        else:
            self.members = (Member(0, name[:-3] if name.lower().endswith(".gz") else name),)

    def unpack(self, member: Member, into: IO[bytes]) -> None:
        """Write a member's bytes to a file.

        :raises ArchiveRefused: when it is none to be unpacked, or beyond the limits; what was written is of no use.
        """
        info = self._infos[member.place] if self._infos else None
        if info:
            _check_member(info)
        packed = info.compress_size if info else self._stream.size()
        with _telling_faults(), self._open(info) as source:
            head = b""
            unpacked = 0
            while chunk := source.read(CHUNK_BYTES):
                if not unpacked:
                    head = chunk[:_HEAD_BYTES]
                    _check_head(head)
                unpacked += len(chunk)
                _check_sizes(unpacked, packed)
                into.write(chunk)

    def _list_members(self) -> None:
        with _telling_faults():
            self._zip = zipfile.ZipFile(self._stream)
        self._infos = self._zip.infolist()
        files = [(place, info) for place, info in enumerate(self._infos) if not _is_rubbish(info)]
        self.ignored = tuple(
            _shown(info.orig_filename) for info in self._infos if _is_rubbish(info) and not info.is_dir()
        )
        if not files:
            raise ArchiveRefused("archive_empty", "The archive holds no files.")
        if len(files) > MAX_MEMBERS:
            message = f"The archive holds {len(files)} files; at most {MAX_MEMBERS} are taken."
            raise ArchiveRefused("archive_too_many_members", message)
        if {"[Content_Types].xml", "mimetype"} & {info.filename for _place, info in files}:
            raise ArchiveRefused("archive_unsupported", "This is an office document, not an archive of bank files.")
        total = sum(info.file_size for _place, info in files if info.file_size <= MAX_MEMBER_BYTES)
        if total > MAX_UNPACKED_BYTES:
            message = f"The archive unpacks to {total} bytes; at most {MAX_UNPACKED_BYTES} are taken."
            raise ArchiveRefused("archive_too_large", message)
        self.members = tuple(Member(place, _shown(info.orig_filename)) for place, info in files)

    @contextmanager
    def _open(self, info: zipfile.ZipInfo | None) -> Iterator[IO[bytes]]:
        if info:
            with self._zip.open(info) as unzipped:
                yield unzipped
        else:
            self._stream.seek(0)
            with gzip.GzipFile(fileobj=self._stream) as ungzipped:
                yield ungzipped  # type: ignore[misc] # a reader of bytes, though no IO[bytes] by name


class _Bounded:
    """A file of which nothing larger is read at once than a list of members may be."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        """Read, unless more is asked than is held in memory."""
        if size <= MAX_DIRECTORY_BYTES:
            found = self._stream.read(size if size >= 0 else MAX_DIRECTORY_BYTES + 1)
            if len(found) <= MAX_DIRECTORY_BYTES:
                return found
        message = f"The archive's list of files is too long; at most {MAX_MEMBERS} files are taken."
        raise ArchiveRefused("archive_too_many_members", message)

    def seekable(self) -> bool:
        """Say that it is."""
        return True

    def size(self) -> int:
        """Return how many bytes there are."""
        return self._stream.seek(0, 2)


def _kind_of(head: bytes) -> tuple[Kind, str]:
    if head.startswith(_ZIP_STARTS):
        return Kind.ZIP, "ZIP"
    if head.startswith(_GZIP_START):
        return Kind.GZIP, "gzip"
    for start, label in _OTHER_STARTS:
        if head.startswith(start):
            return Kind.UNSUPPORTED, label
    offset, mark = _TAR
    return (Kind.UNSUPPORTED, "tar") if head[offset:].startswith(mark) else (Kind.PLAIN, "")


def _is_rubbish(info: zipfile.ZipInfo) -> bool:
    """Tell whether a name is a folder's, or of what operating systems leave behind."""
    parts = info.filename.replace("\\", "/").split("/")
    base = parts[-1].lower()
    return info.is_dir() or "__MACOSX" in parts or base.startswith("._") or base in _RUBBISH_NAMES


def _check_member(info: zipfile.ZipInfo) -> None:
    if reason := _unsafe(info):
        raise ArchiveRefused("archive_unsafe_member", f"The file is not unpacked: {reason}.")
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveRefused("archive_encrypted", "The file opens with a password only.")
    if info.compress_type not in _METHODS:
        message = "The file is packed in a way that is not opened; ZIP with Deflate is."
        raise ArchiveRefused("archive_unsupported", message)
    _check_sizes(info.file_size, info.compress_size)


def _unsafe(info: zipfile.ZipInfo) -> str:
    """Return what makes a member's name or kind unsafe, or an empty text."""
    name = info.orig_filename.replace("\\", "/")
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        return "its name leads out of the archive"
    if not name or any(unicodedata.category(character) in _UNPRINTABLE for character in name):
        return "its name holds characters that cannot be seen"
    mode = info.external_attr >> 16
    return "it is a link or a device" if stat.S_IFMT(mode) not in {0, stat.S_IFREG} else ""


def _check_sizes(unpacked: int, packed: int) -> None:
    if unpacked > MAX_MEMBER_BYTES:
        message = f"The file unpacks to more than {MAX_MEMBER_BYTES} bytes."
        raise ArchiveRefused("archive_too_large", message)
    if unpacked > RATIO_FROM_BYTES and unpacked > MAX_RATIO * packed:
        message = f"The file unpacks to more than {MAX_RATIO} times its size, which no bank's file does."
        raise ArchiveRefused("archive_ratio", message)


def _check_head(head: bytes) -> None:
    if _kind_of(head)[0] is not Kind.PLAIN:
        raise ArchiveRefused("archive_nested", "This is an archive in an archive, which is not opened.")


def _shown(name: str) -> str:
    return "".join("�" if unicodedata.category(c) in _UNPRINTABLE else c for c in name) or "�"


@contextmanager
def _telling_faults() -> Iterator[None]:
    """Turn what the libraries raise for damaged bytes into a refusal; other errors of the system stay errors."""
    try:
        yield
    except gzip.BadGzipFile as error:
        raise _damaged(error) from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise _damaged(error) from error
    except _FAULTS as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> ArchiveRefused:
    return ArchiveRefused("archive_damaged", f"The archive is damaged: {type(error).__name__}.")
