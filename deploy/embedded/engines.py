"""The engines of one $DATA_DIR: PostgreSQL and Valkey, each only when no URL in the environment replaces it."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded import folders, housing, keys, patience, ports
from deploy.embedded.folders import EmbeddedError
from deploy.embedded.patience import StopSignals
from deploy.embedded.postgres import APP, OWNER, SANDBOX, Postgres
from deploy.embedded.valkey import Valkey

_LOG_BYTES = 10_000_000
# Killed again and again, an engine is not what can be cured by starting it: give up.
_RESTARTS, _RESTART_SECONDS = 5, 60.0


class Engines:
    """What runs for one $DATA_DIR, and the variables by which the application finds it."""

    def __init__(self, data: Path, lock: int, *, port: int, postgres_settings: dict[str, str]) -> None:
        self.data = data
        self.port = port
        self._lock = lock
        self._secrets = keys.load(data)
        self._postgres_settings = postgres_settings
        self._house: housing.House | None = None
        self._restarts: list[float] = []
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def start(self, stop: StopSignals) -> None:
        """Start the engines that the environment does not replace."""
        wanted = {name: not os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL")}
        if any(wanted.values()):
            self._house = housing.find_house(self.data)
        if self._house and wanted["REDIS_URL"]:
            self.valkey = Valkey(self._house, self._secrets, self.log("valkey"))
            self.valkey.start(stop)
        if self._house and wanted["DATABASE_URL"]:
            self.postgres = Postgres(self._house, self._secrets, self.log("postgres"), settings=self._postgres_settings)
            self.postgres.start(stop)

    def log(self, name: str) -> Path:
        """Return the path of a log, after putting a large one aside."""
        path = folders.create_private(self.data / "log") / f"{name}.log"
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path

    def environment(self) -> dict[str, str]:
        """Return the variables of the application's processes."""
        given = os.environ
        database = self.postgres.url(APP) if self.postgres else given["DATABASE_URL"]
        owner = self.postgres.url(OWNER) if self.postgres else given.get("DATABASE_OWNER_URL") or database
        chosen = {
            "FEED_HISTORY_DAYS": "90",
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            **{name: self._secrets[name] for name in keys.APP_KEYS},
        }
        signing = given.get("SELF_TEST_SIGNING_KEY") or self._secrets["SELF_TEST_SIGNING_KEY"]
        chosen["SELF_TEST_PUBLIC_KEYS"] = keys.public_key_of(signing)
        return {
            "EMBEDDED": "1",
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "DATABASE_URL": database,
            "DATABASE_OWNER_URL": owner,
            "REDIS_URL": self.valkey.url() if self.valkey else given["REDIS_URL"],
            **{name: given.get(name) or text for name, text in chosen.items()},
            **self._sandbox(),
        }

    def _sandbox(self) -> dict[str, str]:
        """Return where the sandbox lives: no port where it is off, or has no database or Redis of its own."""
        found = {name: os.environ.get(f"SANDBOX_{name}", "") for name in ("DATABASE_URL", "REDIS_URL")}
        owner = os.environ.get("SANDBOX_DATABASE_OWNER_URL") or found["DATABASE_URL"]
        if self.postgres and not found["DATABASE_URL"]:
            found["DATABASE_URL"], owner = self.postgres.url(APP, SANDBOX), self.postgres.url(OWNER, SANDBOX)
        if self.valkey and not found["REDIS_URL"]:
            found["REDIS_URL"] = self.valkey.url(database=1)
        port = ports.sandbox_port(self.port)
        if not (port and all(found.values())):
            # What the caller set must not pass for a port.
            return {"SANDBOX_PORT": ""}
        found |= {"DATABASE_OWNER_URL": owner, "PORT": str(port)}
        found["BASE_URL"] = os.environ.get("SANDBOX_BASE_URL") or f"http://127.0.0.1:{port}"
        return {f"SANDBOX_{name}": text for name, text in found.items()}

    def announce(self) -> None:
        """Write `engines.json`, by which `manage.py` in another terminal finds them."""
        environment = self.environment()
        content = {
            "pid": os.getpid(),
            "port": self.port,
            "database_url": environment["DATABASE_URL"],
            "database_owner_url": environment["DATABASE_OWNER_URL"],
            "redis_url": environment["REDIS_URL"],
            "environment": environment,
        }
        folders.write_private(folders.engines_path(self.data), json.dumps(content, indent=1))

    def keep_alive(self, stop: StopSignals) -> None:
        """Start an engine again that ended by itself.

        :raises EmbeddedError: when $DATA_DIR was removed, or it ends again and again.
        """
        for engine in (self.postgres, self.valkey):
            if engine is not None and engine.has_ended():
                self._require_a_cure(engine.name)
                print(f"{engine.name} ended by itself: starting it again.", flush=True)
                engine.restart(stop)

    def _require_a_cure(self, name: str) -> None:
        if not _is_in_place(self._lock, folders.lock_path(self.data)):
            raise EmbeddedError(f"{self.data} was removed or replaced while it was in use: everything stops.")
        now = time.monotonic()
        self._restarts = [moment for moment in self._restarts if moment > now - _RESTART_SECONDS] + [now]
        if len(self._restarts) > _RESTARTS:
            raise EmbeddedError(f"{name} ended by itself again and again: see {self.data / 'log'}.")

    def stop(self) -> None:
        """Stop Valkey, then PostgreSQL, which others may need until the end."""
        for engine in (self.valkey, self.postgres):
            if engine is not None:
                engine.stop()
        if _is_in_place(self._lock, folders.lock_path(self.data)):
            folders.engines_path(self.data).unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove what lies outside of $DATA_DIR."""
        if self._house:
            housing.remove(self._house)


@contextmanager
def only_one(data: Path) -> Iterator[int]:
    """Be the only launcher of a $DATA_DIR, which is made when missing; gives the lock that says so.

    :raises EmbeddedError: when another one runs.
    """
    lock = _become_the_only_one(data)
    try:
        yield lock
    finally:
        os.close(lock)


@contextmanager
def running(
    data: Path,
    lock: int,
    stop: StopSignals,
    *,
    port: int,
    postgres_settings: dict[str, str] | None = None,
    is_kept: bool = True,
) -> Iterator[Engines]:
    """Run the engines of a $DATA_DIR; the application's processes come and go within."""
    engines = Engines(data, lock, port=port, postgres_settings=postgres_settings or {})
    try:
        engines.start(stop)
        engines.announce()
        yield engines
    finally:
        engines.stop()
        if not is_kept:
            engines.remove()


def _become_the_only_one(data: Path) -> int:
    # Root's folder must let the engines' user pass, no more.
    folders.create_private(data, 0o711 if os.geteuid() == 0 else 0o700)
    for name in ("beat", "blobs", "log", "mail"):
        folders.create_private(data / name)
    path = folders.lock_path(data)
    lock = folders.open_lock(path, create=True)
    # `manage.py` tries the same lock for a moment: one failure is no proof.
    if not patience.wait_for(lambda: folders.take_lock(lock), 0.5):
        holder = path.read_text().strip()
        os.close(lock)
        raise EmbeddedError(f"DATA_DIR={data} is already running (pid {holder}): stop it, or choose another DATA_DIR.")
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return lock


def _is_in_place(lock: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        return False
