"""The inbox directory of bank files as it lies on disk: what is in it, taking a file, laying it down with a report.

A taken file lies in `working/` under a number of its own, out of reach of whatever comes under its name next. At the
end it lies in `done/` or `failed/`, by day, its reports beside it. Every step is a rename: a kill leaves it whole.
"""

import errno
import fcntl
import os
import signal
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from uuid import UUID

WORKING: Final = "working"
DONE: Final = "done"
FAILED: Final = "failed"
_OURS: Final = frozenset({WORKING, DONE, FAILED})
# What programs call a file that they still write, or leave beside it; a name beginning with a point is hidden.
_UNFINISHED: Final = (".part", ".partial", ".filepart", ".crdownload", ".download", ".tmp", ".temp", ".swp", "~")

NOT_A_FILE: Final = "inbox_not_a_file"
UNREADABLE: Final = "inbox_unreadable"
BEING_WRITTEN: Final = "inbox_being_written"
READ_ONLY: Final = "inbox_read_only"
TROUBLES: Final = frozenset({NOT_A_FILE, UNREADABLE, BEING_WRITTEN, READ_ONLY})
# Room for a suffix and a report's ending within the 255 bytes of a name.
_LONGEST_STEM: Final = 200


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is seen of a file: `name` is fit to be kept as text, sizes are bytes, times the file system's own."""

    name: str
    path: Path
    size: int
    modified_ns: int
    trouble: str = ""


class FileChanged(Exception):
    """Somebody wrote to the file while it was read."""


class InboxFolder:
    """The directory and its folders."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self, *, is_made: bool) -> None:
        """Make the folders; the directory itself only when told so: a mount that is away must not be replaced.

        :raises OSError: when it is not there, or nothing can be written.
        """
        if is_made:
            self.root.mkdir(parents=True, exist_ok=True)
        for name in sorted(_OURS):
            (self.root / name).mkdir(exist_ok=True)

    def look(self) -> Iterator[Sighting]:
        """Yield what lies in it and is neither ours nor called unfinished, in no order.

        :raises OSError: when the directory cannot be read.
        """
        with os.scandir(self.root) as entries:
            for entry in entries:
                is_unfinished = entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED)
                if is_unfinished or entry.name in _OURS:
                    continue
                with suppress(FileNotFoundError):
                    yield _sight(entry)

    def find_trouble(self, sighting: Sighting) -> str:
        """Return why a file cannot be taken now, or nothing.

        :raises FileNotFoundError: when it vanished.
        """
        try:
            descriptor = os.open(sighting.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise
        except OSError:
            return UNREADABLE
        try:
            return BEING_WRITTEN if _is_open_for_writing(descriptor) else ""
        finally:
            os.close(descriptor)

    def take(self, sighting: Sighting, uuid: UUID) -> bool:
        """Move a file away under its number; returns whether it could be.

        :raises FileNotFoundError: when it vanished.
        """
        try:
            sighting.path.rename(self.taken_path(uuid))
        except FileNotFoundError:
            raise
        except OSError:
            return False
        return True

    def list_taken(self) -> frozenset[str]:
        """Return the numbers of the files that were taken and not laid down."""
        return frozenset(os.listdir(self.root / WORKING))

    def taken_path(self, uuid: UUID) -> Path:
        """Return where a taken file lies."""
        return self.root / WORKING / str(uuid)

    @contextmanager
    def open_unchanged(self, uuid: UUID, *, size: int, modified_ns: int) -> Iterator[IO[bytes]]:
        """Open a taken file, which must be as it was seen, before the block and after it.

        :raises FileChanged: when it is not.
        :raises OSError: when it cannot be opened.
        """
        descriptor = os.open(self.taken_path(uuid), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            _require_unchanged(file, size, modified_ns)
            yield file
            _require_unchanged(file, size, modified_ns)

    def name_places(self, name: str, *, folder: str, day: str) -> Iterator[str]:
        """Yield the places for a file from the directory on, first under its own name, then with a number."""
        stem, ending = os.path.splitext(name)
        stem = stem.encode()[:_LONGEST_STEM].decode(errors="ignore")
        ending = ending.encode()[:20].decode(errors="ignore")
        yield f"{folder}/{day}/{stem}{ending}"
        for number in range(2, 1_000_000):
            yield f"{folder}/{day}/{stem} ({number}){ending}"

    def is_free(self, place: str) -> bool:
        """Tell whether neither a file nor a report lies at a place."""
        return not any(os.path.lexists(self.root / f"{place}{ending}") for ending in ("", ".json", ".txt"))

    def lay_down(self, uuid: UUID, place: str, reports: Mapping[str, str]) -> None:
        """Write the reports (by the ending of their names), then move the file beside them; again changes nothing.

        :raises OSError: when it cannot be done; again then goes on.
        """
        target = self.root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        for ending, text in reports.items():
            unfinished = target.parent / f".{uuid}{ending}.tmp"
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(target.parent / f"{target.name}{ending}")
        with suppress(FileNotFoundError):
            self.taken_path(uuid).replace(target)


def _sight(entry: "os.DirEntry[str]") -> Sighting:
    found = entry.stat(follow_symlinks=False)
    name = os.fsencode(entry.name).decode("utf-8", "replace")
    trouble = "" if stat.S_ISREG(found.st_mode) else NOT_A_FILE
    # A folder's own time changes with all that happens in it; nothing is asked of it.
    size, modified_ns = (0, 0) if trouble else (found.st_size, found.st_mtime_ns)
    return Sighting(name, Path(entry.path), size, modified_ns, trouble)


def _require_unchanged(file: IO[bytes], size: int, modified_ns: int) -> None:
    found = os.fstat(file.fileno())
    if (found.st_size, found.st_mtime_ns) != (size, modified_ns):
        raise FileChanged


def _is_open_for_writing(descriptor: int) -> bool:
    """Tell whether a process of this machine writes to a file: a lease is refused then.

    What cannot be told, such as on a network's file system or for another person's file, counts as no.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # Whoever opens it for writing meanwhile sends this signal, which does nothing; the usual one ends a process.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False
