"""A folder, and a bucket of a real S3-compatible server on loopback."""

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from apps.blobs.storage.choice import get_storage
from apps.blobs.storage.contract import Storage
from tests.journeys.instances import eventually, free_port


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the server for as long as the tests do."""
    port = free_port()
    log = (tmp_path_factory.mktemp("s3") / "log").open("wb")
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=log, stderr=log)
    eventually(lambda: _answers(port))
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()
    log.close()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def bucket(s3_endpoint: str, settings: Any) -> dict[str, Any]:
    """Store in a new bucket from now on."""
    name = f"papers-{uuid4().hex}"
    urllib.request.urlopen(urllib.request.Request(f"{s3_endpoint}/{name}", method="PUT"), timeout=10).close()
    settings.BLOB_BUCKET = {
        "bucket": name,
        "endpoint": s3_endpoint,
        "region": "us-east-1",
        "access_key_id": "a key",
        "secret_access_key": "a secret",
        "timeout_seconds": 5,
    }
    return dict(settings.BLOB_BUCKET)


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Store in each of the two in turn."""
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    return get_storage()
