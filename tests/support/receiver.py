"""A receiver of webhooks on loopback that can be out of order in many ways."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread


@dataclass(frozen=True)
class Post:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: str


class Receiver(socketserver.ThreadingTCPServer):
    """Keeps what it is sent, and answers as its `mood` says: a status, or a word for something worse."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mood: str | int = 200
        self.posts: list[Post] = []
        self.connections = 0
        # A silent one answers once this is set.
        self.released = Event()
        # Set as soon as so many posts came in.
        self.enough = Event()
        self.wanted = 0

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/hooks?of=us"

    @property
    def ids(self) -> list[str]:
        """Return the message ids in the order in which they came."""
        return [post.headers["webhook-id"] for post in self.posts]


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Receiver

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.posts.append(Post(self.path, headers, self.rfile.read(length).decode()))
        if self.server.wanted and len(self.server.posts) >= self.server.wanted:
            self.server.enough.set()
        match self.server.mood:
            case int() as status:
                self._answer(status)
            case "redirect":
                self._answer(302, Location="http://127.0.0.1:9/elsewhere")
            case "garbage":
                self.wfile.write(b"\x00\x01 what do you mean\r\n\r\n")
                self.close_connection = True
            case "cut":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of")
                self.close_connection = True
            case "hang up":
                self.close_connection = True
            case "once":
                self._answer(200)
                self.close_connection = True
            case "silent":
                self.server.released.wait(10)
                self._answer(200)
            case "endless":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000)
                self.close_connection = True
            case _:
                self._drip()

    def _answer(self, status: int, **headers: str) -> None:
        text = b"thanks" if status == 200 else b"not now"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _drip(self) -> None:
        """Answer a byte at a time, each sooner than any single step would be given up."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not self.server.released.wait(0.05):
            self.wfile.write(b".")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # its own word for it
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    with Receiver() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
