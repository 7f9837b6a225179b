"""Posting to an address that somebody else chose: never into our own network, never for longer than is allowed.

A connection goes to the address that was looked up and checked, so that a name cannot become another machine
afterwards. Nothing is followed, and no more of an answer is read than is worth keeping.
"""

import http.client
import io
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from apps.core.targets import TargetRefused, connect
from apps.webhooks.rules import ANSWER_LENGTH, MOST_READ, code_of, is_taken

_PORTS: Final = {"http": 80, "https": 443}
_SHORTEST: Final = 0.001


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered: its status, and the beginning of its text."""

    status: int
    text: str


class NotTaken(Exception):
    """The message did not arrive, or nothing says that it did. `status` is 0 where nobody answered."""

    def __init__(self, code: str, answer: object = "", status: int = 0) -> None:
        super().__init__(code)
        self.code, self.answer, self.status = code, _readable(str(answer)), status


class Line:
    """A connection to one address for any number of messages, made with the first and again when it was lost.

    Only one thread at a time uses it. It knows no table.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._parts = urlsplit(url)
        self._connection: http.client.HTTPConnection | None = None
        self._bounds: _Bounded | None = None
        self._socket: socket.socket | None = None

    def post(self, *, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
        """Post one body; looking up, connecting, sending and reading the answer take so many seconds at most.

        :raises NotTaken: when the answer is no 2xx, or there is none in time.
        """
        until = monotonic() + seconds
        is_fresh = self._connection is None
        try:
            return self._post(headers, body, until)
        except _LineLost as lost:
            self.close()
            if is_fresh:
                raise NotTaken("connection_lost", lost.__cause__ or "") from lost
        try:
            # The server had ended the connection while it was not used.
            return self._post(headers, body, until)
        except _LineLost as lost:
            self.close()
            raise NotTaken("connection_lost", lost.__cause__ or "") from lost

    def close(self) -> None:
        """End the connection; the next message makes another."""
        if self._socket is not None:
            self._socket.close()
        self._connection = self._bounds = self._socket = None

    def _post(self, headers: Mapping[str, str], body: bytes, until: float) -> Answer:
        try:
            answer = self._exchange(headers, body, until)
        except ConnectionError as error:
            raise _LineLost from error
        except (TargetRefused, OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise _not_taken(error) from error
        if not is_taken(answer.status):
            raise NotTaken(code_of(answer.status), answer.text, answer.status)
        return answer

    def _exchange(self, headers: Mapping[str, str], body: bytes, until: float) -> Answer:
        connection, bounds = self._opened(until)
        bounds.until = until
        asked = f"?{self._parts.query}" if self._parts.query else ""
        connection.request("POST", f"{self._parts.path or '/'}{asked}", body=body, headers=dict(headers))
        return self._read(connection.getresponse())

    def _opened(self, until: float) -> tuple[http.client.HTTPConnection, "_Bounded"]:
        if self._connection is None or self._bounds is None:
            self._bounds = _Bounded(self._open(until))
            host = self._parts.hostname or ""
            # The name goes into the Host header; the connection is made already.
            self._connection = http.client.HTTPConnection(f"[{host}]" if ":" in host else host, self._parts.port)
            self._connection.sock = self._bounds
        return self._connection, self._bounds

    def _open(self, until: float) -> socket.socket:
        host, scheme = self._parts.hostname or "", self._parts.scheme
        port = self._parts.port or _PORTS[scheme]
        opened = connect(host, port, seconds=max(until - monotonic(), _SHORTEST))
        # Head and body are sent apart: without this the second would wait for an acknowledgement of the first.
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = opened
        if scheme == "https":
            opened.settimeout(max(until - monotonic(), _SHORTEST))
            self._socket = opened = ssl.create_default_context().wrap_socket(opened, server_hostname=host)
        return opened

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        """Read an answer up to its bound; what is longer is left, with the connection.

        :raises http.client.IncompleteRead: when it ends before it said it would.
        """
        found = response.read(MOST_READ)
        is_cut_off = len(found) < MOST_READ and bool(response.length)
        if is_cut_off:
            raise http.client.IncompleteRead(found)
        if not response.isclosed() or response.will_close:
            self.close()
        text = found.decode("utf-8", "replace")
        location = response.headers.get("Location", "")
        return Answer(response.status, _readable(f"Location: {location}\n{text}" if location else text))


class _LineLost(Exception):
    """The other side ended the connection before it answered."""


class _Bounded:
    """What `http.client` needs of a socket, each step within what is left of the time."""

    def __init__(self, opened: socket.socket) -> None:
        self.until = 0.0
        self._socket = opened

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        self.arm()
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a reader of the answer."""
        return io.BufferedReader(_Reader(self))

    def receive_into(self, buffer: Any) -> int:
        """Read what is there."""
        self.arm()
        return self._socket.recv_into(buffer)

    def close(self) -> None:
        """Leave it open: an answer may still be read from it, and whoever made it closes it."""

    def arm(self) -> None:
        """Give the next step what is left of the time."""
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


class _Reader(io.RawIOBase):
    def __init__(self, bounded: _Bounded) -> None:
        super().__init__()
        self._bounded = bounded

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._bounded.receive_into(buffer)


def _not_taken(error: Exception) -> NotTaken:
    """Return what went wrong on the way, by its code."""
    match error:
        case TargetRefused():
            return NotTaken(error.code, error.answer)
        case ssl.SSLCertVerificationError():
            return NotTaken("certificate_refused", error.verify_message)
        case TimeoutError():
            return NotTaken("too_slow")
        case ssl.SSLError():
            return NotTaken("no_tls", error.reason or error)
        case http.client.IncompleteRead():
            return NotTaken("cut_off")
        case OSError():
            return NotTaken("unreachable", error.strerror or error)
        case _:
            return NotTaken("no_http", error)


def _readable(text: str) -> str:
    """Return the beginning of a text with its lines, as a page and a column can hold it."""
    kept = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    return kept.strip()[:ANSWER_LENGTH]
