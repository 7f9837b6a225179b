"""An SFTP server on loopback that can be out of order in many ways."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import asyncssh


@dataclass
class SftpServer:
    """What it lets in, and how it fails: nobody answers, it dies after so many writes, nothing may be written."""

    folder: Path
    password: str = "geheim"
    authorized: str = ""
    is_silent: bool = False
    dies_after_writes: int | None = None
    stalls_after_writes: int | None = None
    is_read_only: bool = False
    port: int = 0
    writes: int = 0
    logins: int = 0
    key: Any = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    acceptor: Any = None
    released: Any = field(default_factory=asyncio.Event)
    loop: Any = None


class _Door(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self.server = server

    def connection_made(self, conn: Any) -> None:
        self.conn = conn

    def begin_auth(self, username: str) -> bool:
        return True

    async def _wait_for_ever(self) -> None:
        await asyncio.Event().wait()

    def password_auth_supported(self) -> bool:
        return bool(self.server.password)

    async def validate_password(self, username: str, password: str) -> bool:
        if self.server.is_silent:
            await self._wait_for_ever()
        self.server.logins += 1
        return (username, password) == ("kantoor", self.server.password)

    def public_key_auth_supported(self) -> bool:
        return bool(self.server.authorized)

    def validate_public_key(self, username: str, key: Any) -> bool:
        known = asyncssh.import_public_key(self.server.authorized)
        return username == "kantoor" and bool(key.public_data == known.public_data)


def _files_of(server: SftpServer) -> Any:
    class Files(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=str(server.folder).encode())
            self.chan = chan

        def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
            if server.is_read_only and pflags & asyncssh.FXF_WRITE:
                raise asyncssh.SFTPPermissionDenied("Permission denied")
            return super().open(path, pflags, attrs)

        async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
            server.writes += 1
            if server.stalls_after_writes is not None and server.writes > server.stalls_after_writes:
                await server.released.wait()
                file_obj.close()
                raise asyncssh.SFTPConnectionLost("gone")
            if server.dies_after_writes is not None and server.writes > server.dies_after_writes:
                self.chan.get_connection().abort()
                raise asyncssh.SFTPConnectionLost("gone")
            return int(super().write(file_obj, offset, data))  # type: ignore[arg-type]

    return Files


async def _listen(server: SftpServer) -> Any:
    return await asyncssh.listen(
        "127.0.0.1",
        server.port,
        server_factory=lambda: _Door(server),
        server_host_keys=[server.key],
        sftp_factory=_files_of(server),
        reuse_address=True,
    )


@contextmanager
def sftp_server(folder: Path, **ways: Any) -> Iterator[SftpServer]:
    """Run a server for the user `kantoor`, whose files are those of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    server = SftpServer(folder, **ways)
    loop = server.loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    start(server)
    try:
        yield server
    finally:
        stop(server)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def start(server: SftpServer) -> None:
    """Let it listen, at the port where it did before."""
    server.acceptor = asyncio.run_coroutine_threadsafe(_listen(server), server.loop).result()
    server.port = server.acceptor.get_port()


def release(server: SftpServer) -> None:
    """Let what it stalls on end; what was to be written is not."""
    server.stalls_after_writes = None
    server.loop.call_soon_threadsafe(server.released.set)


def stop(server: SftpServer) -> None:
    """Let nobody in any more, and drop who is."""

    async def close() -> None:
        server.acceptor.close()
        await server.acceptor.wait_closed()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run_coroutine_threadsafe(close(), server.loop).result()
