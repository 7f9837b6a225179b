"""Connecting to a machine that somebody named: never to one of our own network, and never without a limit of time."""

import socket
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Thread
from time import monotonic
from typing import Any, Final

from django.conf import settings

_NAME_UNKNOWN: Final = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
# What a network without IPv4 translates (RFC 6052): the last 32 bits are the address that is reached.
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")


class TargetRefused(Exception):
    """The connection is not made: `code` says why (`host_unknown`, `host_private`, `unreachable`, `too_slow`)."""

    def __init__(self, code: str, answer: object = "") -> None:
        super().__init__(code)
        self.code, self.answer = code, str(answer)


def connect(host: str, port: int, *, seconds: float) -> socket.socket:
    """Return a connection to the first address of a name that answers; connecting to what was checked, not the name.

    Whoever names a machine could name ours, or a name that is another machine the second time it is asked. Looking
    the name up and trying its addresses take so many seconds together.

    :raises TargetRefused: when there is no such name, an address is not public, or none answers in time.
    """
    until = monotonic() + seconds
    addresses = _addresses(host, port, seconds)
    if not all(is_allowed(address) for address in addresses):
        raise TargetRefused("host_private")
    refused = TargetRefused("unreachable")
    for address in addresses:
        try:
            connection = socket.create_connection((str(address), port), timeout=max(until - monotonic(), 0.01))
        except TimeoutError as error:
            refused = TargetRefused("too_slow", error)
        except OSError as error:
            refused = TargetRefused("unreachable", error.strerror or error)
        else:
            connection.settimeout(seconds)
            return connection
    raise refused


def one_line(answer: object, *, at_most: int) -> str:
    """Return what the other side said as one line that a page and a column can hold."""
    text = "".join(char if char.isprintable() else " " for char in str(answer))
    return " ".join(text.split())[:at_most]


def _addresses(host: str, port: int, seconds: float) -> list[IPv4Address | IPv6Address]:
    try:
        found = _look_up(host, port, seconds)
    except TimeoutError as error:
        raise TargetRefused("unreachable") from error
    except (socket.gaierror, UnicodeError) as error:
        code = "host_unknown" if getattr(error, "errno", socket.EAI_NONAME) in _NAME_UNKNOWN else "unreachable"
        # Nobody answered, so there is no answer to show; what the resolver says is only for programmers.
        raise TargetRefused(code) from error
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def _look_up(host: str, port: int, seconds: float) -> list[Any]:
    """Ask the resolver, which knows no limit of time: what it says too late is left to a thread that ends by itself.

    :raises TimeoutError: when it said nothing in time.
    :raises socket.gaierror: :raises UnicodeError: as the resolver does.
    """
    found: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    Thread(target=ask, daemon=True).start()
    return found.result(timeout=seconds)


def is_allowed(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is public; this machine's own is, too, in the embedded default only."""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if isinstance(address, IPv6Address) and address in _TRANSLATED:
        mapped = IPv4Address(int(address) & 0xFFFFFFFF)
    if mapped is not None:
        return is_allowed(mapped)
    if address.is_loopback:
        return bool(settings.EMBEDDED)
    return address.is_global and not address.is_multicast
