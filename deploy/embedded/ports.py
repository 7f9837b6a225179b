"""Free ports on the loopback address."""

import os
import secrets
import socket

from deploy.embedded.folders import EmbeddedError

# Below the range from which the kernel takes outgoing ports: a server must get its port back when restarted.
_FIRST, _LAST = 15_000, 32_000
_SANDBOX_STEP, _HIGHEST = 1_000, 65_535


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            # Sockets in the state of being closed share a port: only listening proves that it is ours.
            probe.listen(1)
        except OSError:
            return False
    return True


def find_free() -> int:
    """Return a port that nobody listens on."""
    for _ in range(100):
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        if is_free(port):
            return port
    raise EmbeddedError("No free port was found on 127.0.0.1.")


def sandbox_port(port: int) -> int:
    """Return the port of the sandbox beside a port: SANDBOX_PORT, else a thousand higher; 0 for none.

    :raises EmbeddedError: when SANDBOX_PORT is no port.
    """
    text = os.environ.get("SANDBOX_PORT", "")
    if text == "0" or (not text and port + _SANDBOX_STEP > _HIGHEST):
        return 0
    return read_port(text) if text else port + _SANDBOX_STEP


def read_port(text: str) -> int:
    """Return the number of a port.

    :raises EmbeddedError: when the text is none.
    """
    if not text.isdecimal() or not 1 <= int(text) <= _HIGHEST:
        raise EmbeddedError(f"PORT={text!r} is not a port: it must be a number from 1 to 65535.")
    return int(text)


def require_free(port: int) -> None:
    """Refuse a port that is taken.

    :raises EmbeddedError: naming the way out.
    """
    if not is_free(port):
        raise EmbeddedError(
            f"Port {port} is in use: stop what listens there, or choose another, as in PORT={port + 1}."
        )
