"""Both storages keep the same promises; the bucket's server may be away, slow or wrong."""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.blobs.models import Blob
from apps.blobs.selectors import BlobDamaged, read_bytes
from apps.blobs.services import store_bytes, store_file
from apps.blobs.storage import BytesMissing, Storage, StorageUnavailable, get_storage

pytestmark = pytest.mark.django_db
CONTENT = b"<Invoice/>"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def test_the_same_bytes_lie_there_once_and_come_back(storage: Storage, now: datetime) -> None:
    first, second = store_bytes(CONTENT, now=now), store_bytes(CONTENT, now=now)

    assert first == second
    assert (first.sha256, first.size) == (DIGEST, len(CONTENT))
    assert [stored.digest for stored in storage.list_all()] == [DIGEST]
    assert read_bytes(first) == CONTENT


def test_what_is_there_stays_as_it_is_until_it_is_replaced(storage: Storage) -> None:
    assert storage.put(DIGEST, BytesIO(CONTENT))
    assert not storage.put(DIGEST, BytesIO(b"other"))
    assert b"".join(storage.read(DIGEST)) == CONTENT

    assert storage.put(DIGEST, BytesIO(b"other"), replace=True)
    assert b"".join(storage.read(DIGEST)) == b"other"


def test_a_large_file_comes_back_in_pieces(storage: Storage, now: datetime, tmp_path: Path) -> None:
    content = bytes(range(256)) * 12_000
    (tmp_path / "large").write_bytes(content)

    with (tmp_path / "large").open("rb") as file:
        blob = store_file(file, now=now)

    pieces = list(storage.read(blob.sha256))
    assert len(pieces) > 1
    assert b"".join(pieces) == read_bytes(blob) == content


def test_nothing_and_no_bytes_at_all_differ(storage: Storage, now: datetime) -> None:
    with pytest.raises(BytesMissing):
        next(storage.read(DIGEST))

    assert read_bytes(store_bytes(b"", now=now)) == b""


def test_damaged_or_lost_bytes_are_never_given_out_and_the_same_upload_mends_them(
    storage: Storage, now: datetime
) -> None:
    blob = store_bytes(CONTENT, now=now)
    storage.put(DIGEST, BytesIO(b"<Invoice>"), replace=True)
    with pytest.raises(BlobDamaged, match="does not match"):
        read_bytes(blob)
    store_bytes(CONTENT, now=now)
    assert read_bytes(blob) == CONTENT

    storage.remove(storage.key_of(DIGEST))
    storage.remove(storage.key_of(DIGEST))
    with pytest.raises(BlobDamaged, match="missing"):
        read_bytes(blob)
    store_bytes(CONTENT, now=now)
    assert read_bytes(blob) == CONTENT


@pytest.mark.django_db(transaction=True)
def test_simultaneous_uploads_of_the_same_bytes_are_one_row(storage: Storage, now: datetime) -> None:
    def store(_number: int) -> int:
        try:
            return store_bytes(CONTENT, now=now).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        rows = set(pool.map(store, range(16)))

    assert rows == {Blob.objects.get().pk}
    assert read_bytes(Blob.objects.get()) == CONTENT


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Listen, and never answer."""
    held: list[socket.socket] = []

    def hold(server: socket.socket) -> None:
        while True:
            try:
                held.append(server.accept()[0])
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=hold, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
    for connection_ in held:
        connection_.close()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("port", ["closed_port", "silent_port"])
def test_a_server_that_is_away_or_silent_keeps_nothing_and_says_so(
    request: pytest.FixtureRequest, bucket: dict[str, Any], settings: Any, now: datetime, port: str
) -> None:
    blob = store_bytes(CONTENT, now=now)
    endpoint = f"http://127.0.0.1:{request.getfixturevalue(port)}"
    settings.BLOB_BUCKET = {**bucket, "endpoint": endpoint, "timeout_seconds": 1}

    with pytest.raises(StorageUnavailable):
        store_bytes(b"<Other/>", now=now)
    with pytest.raises(StorageUnavailable):
        read_bytes(blob)

    assert list(Blob.objects.values_list("sha256", flat=True)) == [DIGEST]


def test_a_bucket_that_refuses_us_keeps_nothing(bucket: dict[str, Any], settings: Any, now: datetime) -> None:
    settings.BLOB_BUCKET = {**bucket, "bucket": "somebody-elses"}

    with pytest.raises(StorageUnavailable):
        store_bytes(CONTENT, now=now)
    with pytest.raises(StorageUnavailable):
        next(get_storage().read(DIGEST))

    assert not Blob.objects.exists()


def test_a_disk_that_is_full_keeps_nothing(settings: Any, now: datetime) -> None:
    settings.BLOB_DIR = Path("/dev/full/blobs")

    with pytest.raises(StorageUnavailable):
        store_bytes(CONTENT, now=now)

    assert not Blob.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE blobs_blob SET sha256 = repeat('0', 64)",
        "UPDATE blobs_blob SET size = 1",
        "DELETE FROM blobs_blob",
    ],
)
def test_a_row_of_stored_bytes_never_changes(now: datetime, statement: str, refused: Callable[[str], None]) -> None:
    store_bytes(CONTENT, now=now)

    refused(statement)

    assert Blob.objects.get().sha256 == DIGEST
