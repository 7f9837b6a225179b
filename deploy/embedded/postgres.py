"""PostgreSQL as a child of the launcher: on loopback TCP with passwords, and no socket file."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from deploy.embedded import folders, patience, ports, processes
from deploy.embedded.folders import EmbeddedError
from deploy.embedded.housing import House
from deploy.embedded.patience import StopSignals

DATABASE, SANDBOX, OWNER, APP = "codabox", "codabox_sandbox", "codabox_owner", "codabox_app"
_ATTEMPTS = 4
# The line of postmaster.pid that tells what the server is at.
_STATUS_LINE = 8
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_ROLES = {
    # The owner creates the databases of test runs; neither may pass by row security.
    OWNER: "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS CREATEDB",
    APP: "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB",
}


class Postgres:
    """One PostgreSQL server and its data folder."""

    name = "PostgreSQL"

    def __init__(self, house: House, secrets: dict[str, str], log: Path, *, settings: dict[str, str]) -> None:
        self._house = house
        self._secrets = secrets
        self._log = log
        self._settings = settings
        self._folder = house.home / "postgres"
        self._pid_file = self._folder / "postmaster.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the address of a database for a role."""
        password = self._secrets["owner_password" if role == OWNER else "app_password"]
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self, stop: StopSignals) -> None:
        """Start the server on a free port, made new when it has no data yet, and wait until it can be used."""
        processes.clear_leftovers(self._folder, "postgres", signal.SIGINT)
        if not (self._folder / "PG_VERSION").exists():
            self._create_cluster(stop)
        self._bring_up(ports.find_free, stop)
        try:
            self._grant_roles()
        except psycopg.Error as error:
            raise EmbeddedError(
                f"PostgreSQL runs, but not with the passwords of secrets.json ({str(error).strip()}): "
                "remove DATA_DIR to start anew."
            ) from error

    def restart(self, stop: StopSignals) -> None:
        """Start the server again on the port that everybody knows, after it ended by itself."""
        processes.clear_leftovers(self._folder, "postgres", signal.SIGQUIT)
        self._bring_up(lambda: self.port, stop)

    def has_ended(self) -> bool:
        """Tell whether the server is gone."""
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """Stop fast, with a checkpoint; harder when that takes too long: the next start recovers."""
        if self._process is not None:
            processes.stop(self._process, ((signal.SIGINT, 2.5), (signal.SIGQUIT, 0.7), (signal.SIGKILL, 0.3)))
            self._process = None

    def _program(self, name: str) -> Path:
        return self._house.postgres_programs / name

    def _create_cluster(self, stop: StopSignals) -> None:
        """Make the data folder beside its place, so that one that was broken off is never taken for whole."""
        beside = self._house.home / "postgres.new"
        _remove(beside)
        self._house.room(beside.name)
        password_file = beside.with_name("postgres.password")
        folders.write_private(password_file, self._secrets["postgres_password"])
        self._house.hand_over(password_file)
        try:
            self._run_initdb(beside, password_file, stop)
        finally:
            password_file.unlink()
        _remove(self._folder)
        beside.rename(self._folder)

    def _run_initdb(self, target: Path, password_file: Path, stop: StopSignals) -> None:
        options = (
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
        )
        with self._log.open("ab") as log:
            process = processes.start(
                [self._program("initdb"), *options, f"--pwfile={password_file}", "-D", target],
                environment=_ENVIRONMENT,
                folder=target,
                output=log,
                death_signal=signal.SIGKILL,
                account=self._house.account,
            )
        try:
            patience.wait_for(lambda: process.poll() is not None, 120, stop)
        finally:
            processes.stop(process, ((signal.SIGTERM, 1), (signal.SIGKILL, 1)))
        if process.returncode != 0:
            raise EmbeddedError(f"PostgreSQL's data folder could not be made: see {self._log}.")

    def _bring_up(self, choose_port: Callable[[], int], stop: StopSignals) -> None:
        for attempt in range(_ATTEMPTS):
            if attempt == _ATTEMPTS - 1:
                # Nobody works in the folder (see `clear_leftovers`), and yet the process that the file names
                # exists: its number went to a stranger.
                self._pid_file.unlink(missing_ok=True)
            self.port = choose_port()
            self._spawn()
            if patience.wait_for(lambda: self.has_ended() or self._is_ready(), 120, stop) and not self.has_ended():
                return
            self.stop()
            patience.wait_for(lambda: False, 0.5, stop)
        raise EmbeddedError(f"PostgreSQL did not start: see {self._log}.")

    def _spawn(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "128MB",
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self._settings,
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = processes.start(
                [self._program("postgres"), "-D", self._folder, *arguments],
                environment=_ENVIRONMENT,
                folder=self._folder,
                output=log,
                death_signal=signal.SIGINT,
                account=self._house.account,
            )

    def _is_ready(self) -> bool:
        """Read what the server says of itself: asking it would fill its log with refusals."""
        try:
            lines = self._pid_file.read_text().splitlines()
        except OSError:
            return False
        is_ours = self._process is not None and lines[:1] == [str(self._process.pid)]
        return is_ours and len(lines) >= _STATUS_LINE and lines[_STATUS_LINE - 1].strip() == "ready"

    def _grant_roles(self) -> None:
        """Give the two roles their rights and passwords; harmless when they have them."""
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self._secrets["postgres_password"],
            dbname="postgres",
            autocommit=True,
        ) as connection:
            for role, password in ((OWNER, "owner_password"), (APP, "app_password")):
                verb = "ALTER" if _exists(connection, "pg_roles", "rolname", role) else "CREATE"
                connection.execute(
                    sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                        sql.SQL(verb), sql.Identifier(role), sql.SQL(_ROLES[role]), sql.Literal(self._secrets[password])
                    )
                )
            for database in (DATABASE, SANDBOX):
                if not _exists(connection, "pg_database", "datname", database):
                    connection.execute(f"CREATE DATABASE {database} OWNER {OWNER}")
                connection.execute(f"GRANT CONNECT ON DATABASE {database} TO {APP}")


def _exists(
    connection: psycopg.Connection[TupleRow], catalogue: LiteralString, column: LiteralString, name: str
) -> bool:
    found = connection.execute(sql.SQL(f"SELECT 1 FROM {catalogue} WHERE {column} = %s"), [name])  # noqa: S608
    return found.fetchone() is not None


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
