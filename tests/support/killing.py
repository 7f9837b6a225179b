"""Ending some work at any of its lines, as a kill of its process does."""

import sys
from collections.abc import Callable
from itertools import count
from types import FrameType
from typing import Any

from django.db import connections


class Killed(BaseException):
    """The process ends here."""


def kill_at(line: int, work: Callable[[], object], *, within: tuple[str, ...]) -> bool:
    """Run some work and end it at the so-manieth line in files whose paths end so; returns whether it got that far."""
    passed = count()

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.endswith(within):
            return None
        if event == "line" and next(passed) == line:
            raise Killed
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Killed:
        return True
    finally:
        sys.settrace(former)
    return False


def lose_connection() -> None:
    """Let the database see what it sees of a killed process: its connection is gone, and what it had not committed.

    Otherwise a transaction that the end of the work left open would go on in whatever comes next.
    """
    broken = connections["default"].connection
    if broken is not None:
        broken.close()
    del connections["default"]
