"""Putting files on somebody's SFTP server: only on the server whose key was confirmed, whole or not at all.

Knows no table. The library is asynchronous; a session runs its own loop between the calls, so that its user is not.
Every step has its limit of time.
"""

import asyncio
import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeVar

import asyncssh

from apps.core.targets import TargetRefused, connect

_PIECE: Final = 262_144
_T = TypeVar("_T")


class SftpFailed(Exception):
    """It did not work: `code` says why, `answer` is what the server or the network said.

    `is_about_file` when another file may go through.
    """

    def __init__(self, code: str, answer: object = "", *, is_about_file: bool = False) -> None:
        super().__init__(code)
        self.code, self.answer, self.is_about_file = code, str(answer), is_about_file


@dataclass(frozen=True, slots=True)
class SftpAccount:
    """Where files go, as whom. `host_key` is the one confirmed, as a line; the secret is one of the two."""

    host: str
    port: int
    username: str
    host_key: str
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)


def make_key_pair() -> tuple[str, str]:
    """Return a new private key and its public line, for an account that knows no password."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment="codabox")
    return key.export_private_key("openssh").decode(), key.export_public_key("openssh").decode().strip()


def fingerprint_of(host_key: str) -> str:
    """Return a key as people compare it: `SHA256:…`."""
    return str(asyncssh.import_public_key(host_key).get_fingerprint())


def read_host_key(host: str, port: int, *, seconds: float) -> str:
    """Return the key that a server shows, as a line, without logging in.

    :raises SftpFailed: when there is no such server, or it does not answer.
    """
    with asyncio.Runner() as runner:
        sock = _connect(host, port, seconds)
        key = _run(runner, asyncssh.get_server_host_key(sock=sock, config=None), seconds)
    if key is None:
        raise SftpFailed("no_ssh")
    return key.export_public_key("openssh").decode().strip()


class SftpSession:
    """One connection for any number of files; it is made with the first of them."""

    def __init__(self, account: SftpAccount, *, seconds: float) -> None:
        self._account, self._seconds = account, seconds
        self._runner = asyncio.Runner()
        self._connection: Any = None
        self._client: Any = None
        self._folders: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._runner.close()

    def put(self, folder: str, name: str, content: bytes) -> bool:
        """Put a file into a folder, made when it is missing; returns False when the very same one was there.

        It is written beside and renamed, so that nobody sees half of it; what a killed process left is overwritten.

        :raises FileExistsError: when another file has the name.
        :raises SftpFailed: when it is not there.
        """
        self._open()
        path = f"{folder}/{name}" if folder else name
        self._make_folder(folder)
        size = self._size(path)
        if size is not None:
            if size == len(content) and self._hash(path) == hashlib.sha256(content).hexdigest():
                return False
            raise FileExistsError(path)
        beside = f"{folder}/.{name}.part" if folder else f".{name}.part"
        self._write(beside, content)
        self._do(self._client.rename(beside, path))
        return True

    def remove(self, path: str) -> None:
        """Delete a file."""
        self._open()
        self._do(self._client.remove(path))

    def _open(self) -> None:
        if self._client is not None:
            return
        account = self._account
        sock = _connect(account.host, account.port, self._seconds)
        kept = asyncssh.import_public_key(account.host_key)
        is_by_key = bool(account.private_key)
        self._connection = self._do(
            asyncssh.connect(
                account.host,
                account.port,
                sock=sock,
                config=None,
                client_factory=lambda: _OneKnownServer(kept),
                known_hosts=([], [], []),
                server_host_key_algs=[name.decode() for name in kept.sig_algorithms],
                username=account.username,
                password=None if is_by_key else account.password,
                client_keys=[asyncssh.import_private_key(account.private_key)] if is_by_key else None,
                preferred_auth="publickey" if is_by_key else "password,keyboard-interactive",
                agent_path=None,
                login_timeout=self._seconds,
            )
        )
        self._client = self._do(self._connection.start_sftp_client())

    def _make_folder(self, folder: str) -> None:
        if folder and folder not in self._folders:
            self._do(self._client.makedirs(folder, exist_ok=True))
            self._folders.add(folder)

    def _size(self, path: str) -> int | None:
        try:
            return int(self._do(self._client.stat(path)).size)
        except SftpFailed as error:
            if error.code == "file_missing":
                return None
            raise

    def _hash(self, path: str) -> str:
        digest, offset = hashlib.sha256(), 0
        file = self._do(self._client.open(path, "rb"))
        while piece := self._do(file.read(_PIECE, offset)):
            digest.update(piece)
            offset += len(piece)
        self._do(file.close())
        return digest.hexdigest()

    def _write(self, path: str, content: bytes) -> None:
        file = self._do(self._client.open(path, "wb"))
        for start in range(0, len(content), _PIECE):
            self._do(file.write(content[start : start + _PIECE], start))
        self._do(file.close())
        if self._size(path) != len(content):
            raise SftpFailed("file_refused", path, is_about_file=True)

    def _do(self, step: Awaitable[_T]) -> _T:
        return _run(self._runner, step, self._seconds)


class _OneKnownServer(asyncssh.SSHClient):
    """Goes on with the one server whose key somebody confirmed."""

    def __init__(self, kept: asyncssh.SSHKey) -> None:
        self._kept = kept

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Tell whether this is the confirmed key."""
        del host, addr, port
        return key.public_data == self._kept.public_data


def _connect(host: str, port: int, seconds: float) -> Any:
    try:
        sock = connect(host, port, seconds=seconds)
    except TargetRefused as error:
        raise SftpFailed(error.code, error.answer) from error
    sock.settimeout(0)
    return sock


def _run(runner: asyncio.Runner, step: Awaitable[_T], seconds: float) -> _T:
    """Do one step within its time; whatever fails, fails by its code."""
    try:
        return runner.run(asyncio.wait_for(step, seconds))
    except (TimeoutError, asyncssh.TimeoutError) as error:
        raise SftpFailed("too_slow", error) from error
    except asyncssh.SFTPError as error:
        raise _of_file(error) from error
    except asyncssh.HostKeyNotVerifiable as error:
        raise SftpFailed("host_key_changed", error.reason) from error
    except asyncssh.KeyExchangeFailed as error:
        raise SftpFailed("host_key_changed", error.reason) from error
    except asyncssh.PermissionDenied as error:
        raise SftpFailed("login_refused", error.reason) from error
    except (asyncssh.Error, OSError) as error:
        raise SftpFailed("connection_lost", error) from error


def _of_file(error: asyncssh.SFTPError) -> SftpFailed:
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return SftpFailed("file_missing", error.reason, is_about_file=True)
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return SftpFailed("no_right_to_write", error.reason)
    if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection):
        return SftpFailed("connection_lost", error.reason)
    return SftpFailed("file_refused", error.reason, is_about_file=True)
