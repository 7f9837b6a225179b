"""Nothing outlives the launcher: the kernel's parent-death signal, also when the parent is killed hard."""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _ask_kernel(death_signal: signal.Signals) -> None:
    if _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl(PR_SET_PDEATHSIG): {os.strerror(number)}")


def die_with_parent(death_signal: signal.Signals) -> None:
    """Have the kernel send this process the signal when its parent dies; at once when the parent is gone already.

    For processes that a supervised process forks. Call it in the main thread.
    """
    _ask_kernel(death_signal)
    # Whoever adopts an orphan (init, a user's systemd) lives in another session than the orphan. A session's
    # leader has its parent in another one by nature: it was tied when it was started.
    session = os.getsid(0)
    if session != os.getpid() and os.getsid(os.getppid()) != session:
        os.kill(os.getpid(), death_signal)


def tied(death_signal: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` that ties a child to this process.

    subprocess calls it after the change of user, which would clear the signal again. The kernel watches the
    thread that forks, so children are started from the main thread only.
    """
    parent = os.getpid()

    def tie() -> None:
        _ask_kernel(death_signal)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return tie
