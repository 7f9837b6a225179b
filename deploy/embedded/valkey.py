"""Valkey (the Redis protocol) as a child of the launcher: on loopback TCP with a password, writing what it holds."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from deploy.embedded import folders, patience, ports, processes
from deploy.embedded.folders import EmbeddedError
from deploy.embedded.housing import House
from deploy.embedded.patience import StopSignals

_ATTEMPTS = 3
_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
set-proc-title no
"""


class Valkey:
    """One Valkey server and its data folder."""

    name = "Valkey"

    def __init__(self, house: House, secrets: dict[str, str], log: Path) -> None:
        self._house = house
        self._password = secrets["valkey_password"]
        self._log = log
        self._folder = house.home / "valkey"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def url(self, database: int = 0) -> str:
        """Return the address of one of the server's databases."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/{database}"

    def start(self, stop: StopSignals) -> None:
        """Start the server on a free port and wait until it answers."""
        self._bring_up(ports.find_free, stop)

    def restart(self, stop: StopSignals) -> None:
        """Start the server again on the port that everybody knows, after it ended by itself."""
        self._bring_up(lambda: self.port, stop)

    def has_ended(self) -> bool:
        """Tell whether the server is gone."""
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """Stop after writing everything to disk."""
        if self._process is not None:
            processes.stop(self._process, ((signal.SIGTERM, 1.5), (signal.SIGKILL, 0.3)))
            self._process = None

    def _bring_up(self, choose_port: Callable[[], int], stop: StopSignals) -> None:
        processes.clear_leftovers(self._folder, "valkey-server", signal.SIGTERM)
        for _ in range(_ATTEMPTS):
            self.port = choose_port()
            self._spawn()
            if patience.wait_for(lambda: self.has_ended() or self._answers(), 60, stop) and not self.has_ended():
                return
            self.stop()
            patience.wait_for(lambda: False, 0.5, stop)
        raise EmbeddedError(f"Valkey did not start: see {self._log}.")

    def _spawn(self) -> None:
        folder = self._house.room("valkey")
        # In a file of its own, not on the command line: every user of the machine can read that.
        configuration = folder / "valkey.conf"
        folders.write_private(
            configuration, _CONFIGURATION.format(port=self.port, password=self._password, folder=folder)
        )
        self._house.hand_over(configuration)
        with self._log.open("ab") as log:
            self._process = processes.start(
                [self._house.valkey_server, configuration],
                environment={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                folder=folder,
                output=log,
                death_signal=signal.SIGTERM,
                account=self._house.account,
            )

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                received = connection.makefile("rb")
                return received.readline() == b"+OK\r\n" and received.readline() == b"+PONG\r\n"
        except OSError:
            return False
