"""Waiting that ends: at a deadline, or when someone asks to stop."""

import os
import signal
import time
from collections.abc import Callable

STEP_SECONDS = 0.02


class StopRequested(Exception):
    """Ctrl-C, SIGTERM or a closed terminal came while something was being started."""


class StopSignals:
    """Notes that someone asked to stop; raising in a signal handler could break off a clean-up half-way."""

    def __init__(self) -> None:
        self.requested = False
        # Ctrl-C reaches every program at the terminal; other requests reach only this process.
        self.must_end = False
        self.wakeup, self._wake_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def install(self) -> None:
        """Catch the signals; also an ended child wakes whoever waits on `wakeup`."""
        signal.set_wakeup_fd(self._wake_end, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # `nohup` stays what it is
            signal.signal(signal.SIGHUP, self._note)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def _note(self, number: int, _frame: object) -> None:
        self.requested = True
        self.must_end = self.must_end or number != signal.SIGINT

    def check(self) -> None:
        """Raise when someone asked to stop."""
        if self.requested:
            raise StopRequested


def wait_for(condition: Callable[[], bool], seconds: float, stop: StopSignals | None = None) -> bool:
    """Wait until a condition holds; tell whether it did within the time.

    :raises StopRequested: when `stop` is given and someone asked to stop.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if stop is not None:
            stop.check()
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP_SECONDS)
    return True
