"""ZIP archives as bytes: each file by itself, and the directory at the end.

The bytes of a file do not depend on what stands before it, so that an archive can be written in parts by processes
that know nothing of each other, and be given out as these parts one after another. Sizes are written in front of each
file; beyond 4 GB or 65,535 files the directory is of the ZIP64 kind. After PKWARE's APPNOTE.TXT 6.3.10, sections 4.3
and 4.5.3.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_ZIP64_END: Final = struct.Struct("<4sQHHIIQQQQ")
_ZIP64_LOCATOR: Final = struct.Struct("<4sIQI")
_END: Final = struct.Struct("<4sHHHHIIH")
_WIDE_OFFSET: Final = struct.Struct("<HHQ")
_DEFLATED: Final = 8
_UTF8: Final = 0x800
_VERSION, _ZIP64_VERSION = 20, 45
_UNIX: Final = 3 << 8
# 1 January 1980, 0:00: the same files give the same bytes whenever they are packed.
_DAY, _TIME = (1 << 5) | 1, 0
_READABLE_FILE: Final = 0o100644 << 16
_MOST_16: Final = 0xFFFF
_MOST_32: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """A packed file: its path, its CRC-32, and its sizes in bytes, packed and unpacked."""

    path: str
    crc: int
    packed: int
    size: int

    @property
    def length(self) -> int:
        """Return how many bytes it takes in the archive, its header included."""
        return _LOCAL.size + len(self.path.encode()) + self.packed


def pack(path: str, content: bytes) -> tuple[Entry, bytes]:
    """Return a file of less than 4 GB as it stands in an archive, header first, and its entry for the directory."""
    deflater = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflater.compress(content) + deflater.flush()
    entry, name = Entry(path, zlib.crc32(content), len(packed), len(content)), path.encode()
    sizes = (entry.crc, entry.packed, entry.size, len(name), 0)
    header = _LOCAL.pack(b"PK\x03\x04", _VERSION, _UTF8, _DEFLATED, _TIME, _DAY, *sizes)
    return entry, header + name + packed


def write_directory(entries: Iterable[Entry]) -> bytes:
    """Return the end of an archive that holds the entries in this order and nothing else."""
    written, offset, count = bytearray(), 0, 0
    for entry in entries:
        written += _directory_line(entry, offset)
        offset, count = offset + entry.length, count + 1
    size = len(written)
    if count > _MOST_16 - 1 or offset > _MOST_32 - 1 or size > _MOST_32 - 1:
        versions = (_UNIX | _ZIP64_VERSION, _ZIP64_VERSION)
        rest = _ZIP64_END.size - 12
        written += _ZIP64_END.pack(b"PK\x06\x06", rest, *versions, 0, 0, count, count, size, offset)
        written += _ZIP64_LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    few = min(count, _MOST_16)
    written += _END.pack(b"PK\x05\x06", 0, 0, few, few, min(size, _MOST_32), min(offset, _MOST_32), 0)
    return bytes(written)


def _directory_line(entry: Entry, offset: int) -> bytes:
    is_far, name = offset > _MOST_32 - 1, entry.path.encode()
    extra = _WIDE_OFFSET.pack(1, 8, offset) if is_far else b""
    version = _ZIP64_VERSION if is_far else _VERSION
    line = _CENTRAL.pack(
        b"PK\x01\x02", _UNIX | version, version, _UTF8, _DEFLATED, _TIME, _DAY, entry.crc, entry.packed, entry.size,
        len(name), len(extra), 0, 0, 0, _READABLE_FILE, min(offset, _MOST_32),
    )  # fmt: skip
    return line + name + extra
