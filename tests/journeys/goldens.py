"""Golden calls: `tests/samples/wire/<rule>.request` are the bytes that are sent, `<rule>.response` what must come back.

Both name things by placeholders: `{{key}}`, a value of the world that the calls are made in, stands for that very
value; `{{a uuid}}` and the others of `ANY` for whatever has that form. `{{length}}` is the body's. The order of headers
is free, and `Date` is left out; everything else is compared to the byte.
"""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAMPLES: Final = Path(__file__).parents[1] / "samples" / "wire"
ANY: Final[Mapping[str, bytes]] = {
    "a uuid": rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "an instant": rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z",
    "an instant without zone": rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?",
    "a day": rb"\d{4}-\d\d-\d\d",
    "a number": rb"\d+",
    "a user name": rb"IS-[0-9a-f-]{27}",
    "a password": rb"cbp_[0-9A-Za-z]+",
    "a cursor": rb"[0-9A-Za-z_.=:-]+",
    # In a list of objects: what a quick worker may have added meanwhile.
    "perhaps more": rb"(?:, \{[^\]]*)?",
    "a pdf": rb"%PDF-1\.\d[\x00-\xff]*",
}
_PLACE: Final = re.compile(rb"\{\{([a-z_ ]+)\}\}")
_END: Final = b"\r\n\r\n"
# What comes first for a client that waits for leave to send its body.
_LEAVE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Golden:
    """One call and its answer."""

    name: str
    request: bytes
    response: bytes

    @property
    def method(self) -> str:
        """Return the request's method."""
        return self.request.split(b" ", 1)[0].decode()

    @property
    def path(self) -> str:
        """Return the request's path with its placeholders, without the query."""
        return self.request.split(b" ", 2)[1].decode().partition("?")[0]


def load() -> list[Golden]:
    """Return all of them, by name."""
    return [
        Golden(path.stem, path.read_bytes(), path.with_suffix(".response").read_bytes())
        for path in sorted(SAMPLES.glob("*.request"))
    ]


def fill(request: bytes, values: Mapping[str, str]) -> bytes:
    """Return the bytes to send."""
    head, end, body = _put(request, values).partition(_END)
    return head.replace(b"{{length}}", str(len(body)).encode()) + end + body


def _put(text: bytes, values: Mapping[str, str]) -> bytes:
    def value(found: "re.Match[bytes]") -> bytes:
        name = found[1].decode()
        return found[0] if name == "length" else values[name].encode()

    return _PLACE.sub(value, text)


def call(port: int, request: bytes) -> bytes:
    """Send bytes over a connection of their own and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        pieces = []
        while piece := connection.recv(65_536):
            pieces.append(piece)
    return b"".join(pieces)


def differences(golden: bytes, answer: bytes, values: Mapping[str, str]) -> list[str]:
    """Return in which parts an answer is not what the golden says: its status, its headers, its body."""
    wanted_status, wanted_headers, wanted_body = _parts(golden)
    status, headers, body = _parts(answer)
    values = {**values, "length": str(len(body))}
    found = [] if status == wanted_status else ["status"]
    if len(headers) != len(wanted_headers) or not all(
        any(_matches(wanted, header, values) for header in headers) for wanted in wanted_headers
    ):
        found.append("headers")
    return found if _matches(wanted_body, body, values) else [*found, "body"]


def _parts(answer: bytes) -> tuple[bytes, list[bytes], bytes]:
    leave = _LEAVE if answer.startswith(_LEAVE) else b""
    head, _end, body = answer.removeprefix(leave).partition(_END)
    status, *headers = head.split(b"\r\n")
    return leave + status, sorted(header for header in headers if not header.lower().startswith(b"date:")), body


def _matches(golden: bytes, actual: bytes, values: Mapping[str, str]) -> bool:
    pieces = _PLACE.split(golden)
    pattern = b"".join(
        re.escape(piece) if place % 2 == 0 else _form(piece.decode(), values) for place, piece in enumerate(pieces)
    )
    return re.fullmatch(pattern, actual, re.DOTALL) is not None


def _form(name: str, values: Mapping[str, str]) -> bytes:
    return ANY[name] if name in ANY else re.escape(values[name].encode())
