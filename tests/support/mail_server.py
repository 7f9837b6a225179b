"""A mail server that can be out of order."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import time_ns


class MailServer(socketserver.ThreadingTCPServer):
    """An SMTP server on loopback that puts each message into a folder, or takes none for the moment."""

    daemon_threads = True

    def __init__(self, folder: Path, *, is_open: bool = True, gone: tuple[str, ...] = ()) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.folder = folder
        self.is_open = is_open
        self.gone = gone
        self.refused = 0

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        if not self.server.is_open:
            self.server.refused += 1
            self._say("421 4.3.2 Out of order, try again later")
            return
        self._say("220 mail.example ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper().split()[0]
            if verb == "DATA":
                self._say("354 Go on")
                self._keep()
            if verb == "RCPT" and any(f"<{address}>" in line for address in self.server.gone):
                self._say("550 5.1.1 There is no such mailbox")
            else:
                self._say("221 Bye" if verb == "QUIT" else "250 OK")
            if verb == "QUIT":
                return

    def _keep(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        name = f"{time_ns()}.eml"
        beside = self.server.folder / f".{name}"
        beside.write_bytes(b"".join(lines))
        beside.replace(self.server.folder / name)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server(folder: Path, *, is_open: bool = True, gone: tuple[str, ...] = ()) -> Iterator[MailServer]:
    """Run a mail server; `gone` are addresses that it says do not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    with MailServer(folder, is_open=is_open, gone=gone) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
