"""Connecting to a machine that somebody named: never to one of our own network, and never without a limit of time."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from django.conf import settings

_NAME_UNKNOWN: Final = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class TargetRefused(Exception):
    """The connection is not made: `code` says why (`host_unknown`, `host_private`, `unreachable`, `too_slow`)."""

    def __init__(self, code: str, answer: object = "") -> None:
        super().__init__(code)
        self.code, self.answer = code, str(answer)


def connect(host: str, port: int, *, seconds: float) -> socket.socket:
    """Return a connection to the first address of a name that answers; connecting to what was checked, not the name.

    Whoever names a machine could name ours, or a name that is another machine the second time it is asked.

    :raises TargetRefused: when there is no such name, an address is not public, or none answers in time.
    """
    addresses = _addresses(host, port)
    if not all(is_allowed(address) for address in addresses):
        raise TargetRefused("host_private")
    refused = TargetRefused("unreachable")
    for address in addresses:
        try:
            return socket.create_connection((str(address), port), timeout=seconds)
        except TimeoutError as error:
            refused = TargetRefused("too_slow", error)
        except OSError as error:
            refused = TargetRefused("unreachable", error.strerror or error)
    raise refused


def _addresses(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        code = "host_unknown" if getattr(error, "errno", socket.EAI_NONAME) in _NAME_UNKNOWN else "unreachable"
        # Nobody answered, so there is no answer to show; what the resolver says is only for programmers.
        raise TargetRefused(code) from error
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def is_allowed(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is public; this machine's own is, too, in the embedded default only."""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if mapped is not None:
        return is_allowed(mapped)
    if address.is_loopback:
        return bool(settings.EMBEDDED)
    return address.is_global and not address.is_multicast
