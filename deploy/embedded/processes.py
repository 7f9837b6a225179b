"""Child processes of the launcher, each leading a session of its own, and what former launchers left behind."""

import os
import pwd
import resource
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deploy.embedded import lifeline, patience
from deploy.embedded.folders import EmbeddedError


@dataclass(frozen=True, kw_only=True)
class Account:
    """The unprivileged user to whom root hands the engines."""

    uid: int
    gid: int


def engine_account() -> Account | None:
    """Return who runs the engines: nobody when we are root (PostgreSQL refuses root), else ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedError("PostgreSQL does not run as root, and this system has no user `nobody`.") from error
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def allow_open_files(wanted: int) -> int:
    """Let this process and its children have so many files open, as far as the system lets us; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= allowed:
        return allowed
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


def start(
    command: Iterable[str | Path],
    *,
    environment: Mapping[str, str],
    folder: Path,
    output: int | IO[bytes],
    death_signal: signal.Signals,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches only the launcher."""
    return subprocess.Popen(
        list(command),
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=lifeline.tied(death_signal),  # noqa: PLW1509 # the launcher has one thread only
    )


def stop(process: subprocess.Popen[bytes], steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """End a process by ever harsher signals, then whatever is left of its group."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        patience.wait_for(lambda: process.poll() is not None, seconds)
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def leftovers(folder: Path, program: str) -> list[int]:
    """Return the processes of a server program that still use a data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                if _comm(entry) == program and _works_in(entry, folder):
                    found.append(int(entry.name))
    return found


def _comm(entry: Path) -> str:
    return (entry / "comm").read_text().strip()


def _works_in(entry: Path, folder: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == folder
    except PermissionError:
        # A container's root may not look into another user's process; the main one names the folder.
        return os.fsencode(folder) in (entry / "cmdline").read_bytes()


def clear_leftovers(folder: Path, program: str, polite: signal.Signals) -> None:
    """Wait for a dead launcher's server to finish; help when it does not.

    :raises EmbeddedError: when it cannot be ended.
    """
    if patience.wait_for(lambda: not leftovers(folder, program), 3):
        return
    for number in (polite, signal.SIGKILL):
        for pid in leftovers(folder, program):
            with suppress(OSError):
                os.kill(pid, number)
        if patience.wait_for(lambda: not leftovers(folder, program), 4):
            return
    raise EmbeddedError(f"A {program} of an earlier run still uses {folder}: end it first.")
