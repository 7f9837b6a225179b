"""Calls as a package makes them: its way to connect, its slashes, its media types; every answer is looked at."""

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final

from tests.conformance.profiles import Profile, Slashes, Transport

_SECONDS: Final = 60
_BOUNDARY: Final = "a-boundary-that-no-document-holds"
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Unexpected(Exception):
    """The service answered otherwise than its contract says."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    content: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.content)

    def wanted(self, *statuses: int) -> "Answer":
        """Return the answer when its status is one of these.

        :raises Unexpected: when it is not.
        """
        if self.status not in statuses:
            raise Unexpected(f"{self.status} instead of {statuses}: {self.content[:300]!r}")
        return self


class Caller:
    """A package that calls for one company."""

    def __init__(self, port: int, key: str, profile: Profile) -> None:
        self.profile = profile
        self._port = port
        self._kept: http.client.HTTPConnection | None = None
        self._headers = {"X-Software-Company": key}
        if profile.language:
            self._headers["Accept-Language"] = profile.language

    def sign_in(self, pair: Mapping[str, str]) -> None:
        """Use a pair of credentials from now on."""
        login = base64.b64encode(f"{pair['username']}:{pair['password']}".encode()).decode()
        self._headers["Authorization"] = f"Basic {login}"

    def get(self, path: str) -> Answer:
        """GET an address."""
        return self._call("GET", path, None, {})

    def send_json(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Send JSON to an address."""
        return self._call(method, path, json.dumps(body).encode(), {"Content-Type": self.profile.json_type})

    def upload(self, path: str, document: bytes, pdf: bytes | None, *, key: str = "") -> Answer:
        """Send a document to an address."""
        return self._call("POST", path, *_form(document, pdf, key))

    def lose_upload(self, path: str, document: bytes, pdf: bytes | None, *, key: str = "") -> None:
        """Send a document, and hear nothing of what came of it."""
        self._lose("POST", path, *_form(document, pdf, key))

    def lose(self, path: str) -> None:
        """GET an address, and hear nothing of the answer."""
        self._lose("GET", path, None, {})

    def close(self) -> None:
        """Let go of a kept connection."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = self._kept or self._connect()
        if self.profile.transport is Transport.KEPT:
            self._kept = connection
        self._send(connection, method, path, body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        if self.profile.transport is not Transport.KEPT:
            connection.close()
        _look_at(answer)
        return answer

    def _lose(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> None:
        connection = self._connect()
        self._send(connection, method, path, body, headers)
        # The answer is on its way, and nobody reads it.
        if not connection.sock.recv(1):
            raise Unexpected("no answer that could be lost")
        connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> None:
        address, sent = f"/v2/{self._spell(method, path)}", {**self._headers, **headers}
        if self.profile.transport is not Transport.EXPECTING or body is None:
            connection.request(method, address, body, sent)
            return
        connection.putrequest(method, address)
        for name, value in {**sent, "Content-Length": str(len(body)), "Expect": "100-continue"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        _wait_for_leave(connection)
        connection.send(body)

    def _spell(self, method: str, path: str) -> str:
        address, question, query = path.partition("?")
        if self.profile.slashes is Slashes.ALWAYS:
            has_slash = True
        elif self.profile.slashes is Slashes.NEVER:
            has_slash = False
        else:
            has_slash = method != "GET" or address == "delivery/pod-client"
        return f"{address}{'/' if has_slash else ''}{question}{query}"


def _wait_for_leave(connection: http.client.HTTPConnection) -> None:
    """Read the interim answer that lets the body be sent."""
    told = b""
    while not told.endswith(b"\r\n\r\n"):
        piece = connection.sock.recv(1)
        if not piece:
            break
        told += piece
    if told.lower() != _CONTINUE.lower():
        raise Unexpected(f"no leave to send the body: {told[:200]!r}")


def _look_at(answer: Answer) -> None:
    """See that JSON has its exact media type, and that an error says what it is."""
    kind = answer.headers["Content-Type"]
    if answer.status < http.client.BAD_REQUEST:
        return
    if kind != "application/json" or not isinstance(answer.json.get("detail"), str):
        raise Unexpected(f"an error that is none of ours: {answer.status} {kind} {answer.content[:300]!r}")


def _form(document: bytes, pdf: bytes | None, key: str) -> tuple[bytes, dict[str, str]]:
    parts = [("file", "invoice.xml", "application/xml", document)]
    if pdf is not None:
        parts.append(("pdf", "invoice.pdf", "application/pdf", pdf))
    body = b""
    for name, file, kind, content in parts:
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        body += f"{head}Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    return body + f"--{_BOUNDARY}--\r\n".encode(), headers | ({"Idempotency-Key": key} if key else {})
