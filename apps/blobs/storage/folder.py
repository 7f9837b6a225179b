"""Bytes in a folder of the file system, each file written beside its place, synced, and renamed."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from apps.blobs.storage.contract import CHUNK_BYTES, BytesMissing, StorageUnavailable, Stored, digest_in, place_of


class FolderStorage:
    """A folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def key_of(self, digest: str) -> str:
        """Return the path below the folder."""
        return place_of(digest)

    def put(self, digest: str, source: IO[bytes], *, replace: bool = False) -> bool:
        """Write the file unless it is there; either way its name is on disk when this returns."""
        path = self._root / place_of(digest)
        try:
            if path.exists() and not replace:
                # Whoever wrote it may not have come to syncing the folder yet.
                _sync_folder(path.parent)
                return False
            _make_folder(path.parent, self._root)
            _write(path, source)
        except OSError as error:
            raise StorageUnavailable from error
        return True

    def read(self, digest: str) -> Iterator[bytes]:
        """Yield the file's bytes."""
        try:
            with (self._root / place_of(digest)).open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk
        except FileNotFoundError as error:
            raise BytesMissing from error
        except OSError as error:
            raise StorageUnavailable from error

    def list_all(self) -> Iterator[Stored]:
        """Yield every file below the folder, the leftovers of interrupted writes included."""
        for folder, _folders, names in os.walk(self._root):
            for name in names:
                path = Path(folder) / name
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue
                key = path.relative_to(self._root).as_posix()
                yield Stored(key, digest_in(key), status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def remove(self, key: str) -> None:
        """Remove a file."""
        path = self._root / key
        try:
            path.unlink(missing_ok=True)
            if path.parent.exists():
                _sync_folder(path.parent)
        except OSError as error:
            raise StorageUnavailable from error


def _write(path: Path, source: IO[bytes]) -> None:
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with beside.open("wb") as file:
            shutil.copyfileobj(source, file, CHUNK_BYTES)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _make_folder(folder: Path, root: Path) -> None:
    """Make a folder whose own name survives a crash of the machine, as the names in it must."""
    if folder.exists():
        return
    if folder != root:
        _make_folder(folder.parent, root)
    folder.mkdir(parents=True, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
