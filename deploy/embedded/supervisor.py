"""Keeps the application's processes running and shows what they say, each line with its process's name."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded import folders, lifeline, patience, processes
from deploy.embedded.patience import StopSignals

_SHORTEST_DELAY, _LONGEST_DELAY = 1.0, 30.0
# A process that ran this long was well: its next fault is a new one.
_HEALTHY_SECONDS = 60.0
_GRACE_SECONDS = 6.0


@dataclass(frozen=True, kw_only=True)
class Service:
    """A program to keep running."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def say(text: str) -> None:
    """Print for the person at the terminal; one that is gone is no reason to fail."""
    with suppress(OSError):
        print(text, flush=True)


class Supervised:
    """One service, its present process and what that process says."""

    def __init__(
        self, service: Service, environment: Mapping[str, str], log: Path, selector: selectors.BaseSelector
    ) -> None:
        self._service = service
        self._environment = {**environment, **service.environment}
        self._log = log.open("ab", buffering=0)
        self._selector = selector
        self._output: int | None = None
        self._rest = b""
        self._delay = _SHORTEST_DELAY
        self._start_at = self._started_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def keep_running(self) -> None:
        """Start the service when it is due; note when it ended, and when it is due again."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._note_end(self._process, now)
        if self._process is None and now >= self._start_at:
            self._start(now)

    def ask_to_stop(self) -> None:
        """Ask the process to end."""
        if self._process is not None:
            self._process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait for the asked end until the deadline, then kill it and all of its children."""
        if self._process is not None:
            process = self._process
            patience.wait_for(lambda: self._read() and process.poll() is not None, deadline - time.monotonic())
            processes.kill_group(process)
            process.wait()
            self._close_output()
        self._log.close()

    def _start(self, now: float) -> None:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(reading, False)
        try:
            self._process = processes.start(
                self._service.command,
                environment=self._environment,
                folder=folders.ROOT,
                output=writing,
                # An end that waits for running tasks and requests would outlive the launcher for too long.
                death_signal=signal.SIGKILL,
            )
        finally:
            os.close(writing)
        self._output, self._started_at = reading, now
        self._selector.register(reading, selectors.EVENT_READ, self._read)

    def _note_end(self, process: subprocess.Popen[bytes], now: float) -> None:
        processes.kill_group(process)
        self._close_output()
        if now - self._started_at > _HEALTHY_SECONDS:
            self._delay = _SHORTEST_DELAY
        code = process.returncode
        ending = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        self._show(f"The process {ending}: starting it again in {self._delay:.0f} s.\n".encode())
        self._start_at = now + self._delay
        self._delay = min(self._delay * 2, _LONGEST_DELAY)
        self._process = None

    def _read(self) -> bool:
        """Show what was said meanwhile; always true, to be called while waiting for something else."""
        while self._output is not None:
            try:
                chunk = os.read(self._output, 65_536)
            except BlockingIOError:
                break
            if chunk:
                self._show(chunk)
            else:
                self._forget_output()
        return True

    def _close_output(self) -> None:
        self._read()
        self._forget_output()
        if self._rest:
            self._show(b"\n")

    def _forget_output(self) -> None:
        if self._output is not None:
            self._selector.unregister(self._output)
            os.close(self._output)
            self._output = None

    def _show(self, chunk: bytes) -> None:
        with suppress(OSError):  # a full disk must not stop what runs
            self._log.write(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            say(f"{self._service.name:<6} | {line.decode(errors='replace').rstrip()}")


class Supervisor:
    """The services of one launcher, in one thread: the kernel ties children to the thread that forks."""

    def __init__(
        self, services: Iterable[Service], environment: Mapping[str, str], log: Callable[[str], Path], stop: StopSignals
    ) -> None:
        self._stop = stop
        self._selector = selectors.DefaultSelector()
        self._selector.register(stop.wakeup, selectors.EVENT_READ, self._forget_wakeups)
        self._children = [Supervised(service, environment, log(service.name), self._selector) for service in services]

    def serve(self, *, ticks: Iterable[Callable[[], None]]) -> None:
        """Keep everything running until someone asks to stop."""
        try:
            while not self._stop.requested:
                for child in self._children:
                    child.keep_running()
                for tick in ticks:
                    tick()
                for key, _ in self._selector.select(timeout=0.25):
                    key.data()
        finally:
            self._end()

    def _end(self) -> None:
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in self._children:
            child.stop(deadline)

    def _forget_wakeups(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._stop.wakeup, 1024):
                pass


def run_step(command: list[str], environment: Mapping[str, str], log: Path, stop: StopSignals) -> tuple[int, str]:
    """Run a program that ends by itself; return its exit code and what it said.

    :raises StopRequested: when someone asked to stop; the program is ended.
    """
    with log.open("w+b") as output:
        process = processes.start(
            command,
            environment=environment,
            folder=folders.ROOT,
            output=output,
            death_signal=signal.SIGKILL,
        )
        try:
            while not patience.wait_for(lambda: process.poll() is not None, 3600, stop):
                pass
        finally:
            processes.stop(process, ((signal.SIGTERM, 2), (signal.SIGKILL, 1)))
        output.seek(0)
        return process.returncode, output.read().decode(errors="replace")


def run_in_front(command: list[str], environment: Mapping[str, str], stop: StopSignals) -> int:
    """Run a program that has the terminal; return its exit code.

    Ctrl-C reaches it directly, so only a request to stop that came to this process alone is passed on.
    """
    process = subprocess.Popen(
        command,
        env=dict(environment),
        preexec_fn=lifeline.tied(signal.SIGTERM),  # noqa: PLW1509 # the launcher has one thread only
    )
    try:
        while process.poll() is None and not stop.must_end:
            time.sleep(patience.STEP_SECONDS)
    finally:
        if process.poll() is None:
            process.terminate()
            patience.wait_for(lambda: process.poll() is not None, 5)
            process.kill()
        process.wait()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode
