"""`python -m bench.client`: put a load (JSON on standard input) on a web server and print what it took.

A few threads, each with one kept connection and its share of the requests. Everything that is sent is made before
the clock starts; an answer that is no success ends the run.
"""

import http.client
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any, Final

# What the uploads' own number replaces in the document and in the PDF.
NUMBER_PLACE: Final = "BENCH-000000000"
_BOUNDARY: Final = "bench-boundary-6f0d1c"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


def main() -> None:
    """Read the plan, do it, print the result."""
    plan = json.load(sys.stdin)
    requests = [_get(plan, number) for number in range(plan["requests"])] if not plan["document"] else _uploads(plan)
    count = plan["connections"]
    shares = [requests[first::count] for first in range(count)]
    barrier = Barrier(count, timeout=30)
    with ThreadPoolExecutor(count) as pool:
        results = list(pool.map(lambda share: _send(plan["port"], share, barrier), shares))
    started = min(begun for begun, _ended, _latencies in results)
    ended = max(end for _begun, end, _latencies in results)
    latencies = [latency for _begun, _ended, measured in results for latency in measured]
    print(json.dumps({"seconds": ended - started, "latencies": latencies}))


def _get(plan: dict[str, Any], number: int) -> Request:
    return Request("GET", plan["paths"][number % len(plan["paths"])], plan["headers"], None)


def _uploads(plan: dict[str, Any]) -> list[Request]:
    document, pdf = Path(plan["document"]).read_bytes(), Path(plan["pdf"]).read_bytes()
    headers = {**plan["headers"], "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    place, width = NUMBER_PLACE.encode(), len(NUMBER_PLACE) - len("BENCH-")
    requests = []
    for number in range(plan["first"], plan["first"] + plan["requests"]):
        own = f"BENCH-{number:0{width}d}".encode()
        body = _multipart(document.replace(place, own), pdf.replace(place, own))
        requests.append(Request("POST", plan["paths"][0], headers, body))
    return requests


def _multipart(document: bytes, pdf: bytes) -> bytes:
    parts = (("file", "invoice.xml", "application/xml", document), ("pdf", "invoice.pdf", "application/pdf", pdf))
    body = b""
    for name, file_name, media_type, content in parts:
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"'
        body += f"--{_BOUNDARY}\r\n{disposition}\r\nContent-Type: {media_type}\r\n\r\n".encode() + content + b"\r\n"
    return body + f"--{_BOUNDARY}--\r\n".encode()


def _send(port: int, requests: Sequence[Request], barrier: Barrier) -> tuple[float, float, list[float]]:
    """Return when the share began and ended, and how long each request took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    barrier.wait()
    started = time.perf_counter()
    latencies = [_time(connection, request) for request in requests]
    ended = time.perf_counter()
    connection.close()
    return started, ended, latencies


def _time(connection: http.client.HTTPConnection, request: Request) -> float:
    started = time.perf_counter()
    connection.request(request.method, request.path, body=request.body, headers=request.headers)
    response = connection.getresponse()
    content = response.read()
    seconds = time.perf_counter() - started
    if not http.client.OK <= response.status < http.client.MULTIPLE_CHOICES:
        raise SystemExit(f"{request.method} {request.path}: {response.status} {content[:500]!r}")
    return seconds


if __name__ == "__main__":
    main()
