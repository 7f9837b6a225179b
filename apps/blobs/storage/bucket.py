"""Bytes in a bucket of an S3-compatible service. What it has acknowledged is durable: that is its promise, not ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Final

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from apps.blobs.storage.contract import CHUNK_BYTES, BytesMissing, StorageUnavailable, Stored, digest_in, place_of

RETRIES: Final = 2
PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """Where the bucket is and who may use it. `endpoint` without a value is Amazon's own of the region."""

    bucket: str
    region: str
    access_key_id: str
    secret_access_key: str
    endpoint: str = ""
    timeout_seconds: int = 20


class BucketStorage:
    """A bucket. The client's threads do not survive a fork, so each process makes its own."""

    def __init__(self, place: BucketPlace) -> None:
        self._store = S3Store(
            place.bucket,
            region=place.region,
            access_key_id=place.access_key_id,
            secret_access_key=place.secret_access_key,
            endpoint=place.endpoint or None,
            # The service refuses what was garbled on the way.
            checksum_algorithm="SHA256",
            client_options={
                "allow_http": place.endpoint.startswith("http://"),
                "timeout": timedelta(seconds=place.timeout_seconds),
                "connect_timeout": timedelta(seconds=min(3, place.timeout_seconds)),
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=place.timeout_seconds)},
        )

    def key_of(self, digest: str) -> str:
        """Return the object's key."""
        return place_of(digest)

    def put(self, digest: str, source: IO[bytes], *, replace: bool = False) -> bool:
        """Write the object; without `replace` on the condition that there is none, which the service checks."""
        with _failures():
            try:
                self._store.put(
                    place_of(digest), source, mode="overwrite" if replace else "create", use_multipart=False
                )
            except AlreadyExistsError:
                return False
        return True

    def read(self, digest: str) -> Iterator[bytes]:
        """Yield the object's bytes."""
        with _failures():
            for chunk in self._store.get(place_of(digest)).stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    def list_all(self) -> Iterator[Stored]:
        """Yield every object of the bucket."""
        with _failures():
            for page in self._store.list(chunk_size=PAGE):
                for found in page:
                    yield Stored(found["path"], digest_in(found["path"]), found["size"], found["last_modified"])

    def remove(self, key: str) -> None:
        """Remove an object."""
        with _failures():
            try:
                self._store.delete(key)
            except FileNotFoundError:
                return


@contextmanager
def _failures() -> Iterator[None]:
    """Tell what is not there from a service that does not do its work."""
    try:
        yield
    except FileNotFoundError as error:
        # The client says the same of an object and of the whole bucket; only the service's own code tells them apart.
        if "NoSuchBucket" in str(error):
            raise StorageUnavailable from error
        raise BytesMissing from error
    except (BaseError, OSError) as error:
        raise StorageUnavailable from error
