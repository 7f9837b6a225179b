"""How often one visitor may send a form that needs no sign-in.

Counted in Redis in fixed windows of an hour, under a keyed hash of the visitor's network: no address is kept. What
matters is counted from rows besides, so an emptied Redis, or one that does not answer, limits nobody here.
"""

import logging
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Final

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from apps.core.errors import DomainError

logger = logging.getLogger(__name__)

WINDOW_SECONDS: Final = 3600
# One household or firm has a whole IPv6 network of this size.
IPV6_PREFIX: Final = 64


class TooManyFromHere(DomainError):
    """A visitor sent a form too often; `retry_after` is in seconds."""

    code = "too_many_from_here"
    sentence = _("This form was sent too often from your network. Try again later.")


def count_visit(*, form: str, address: str, limit: int, now: datetime) -> None:
    """Count one sending of a form by a visitor's IP address.

    :raises TooManyFromHere: when the visitor's network sent it too often in this hour.
    """
    window, seconds_gone = divmod(int(now.timestamp()), WINDOW_SECONDS)
    key = f"visitor:{form}:{window}:{salted_hmac('visitor', _network(address), algorithm='sha256').hexdigest()}"
    try:
        cache.add(key, 0, timeout=WINDOW_SECONDS + 60)
        count = cache.incr(key)
    except (RedisError, ValueError) as error:
        logger.warning("visit not counted: %s", error)
        return
    if count > limit:
        raise TooManyFromHere(retry_after=WINDOW_SECONDS - seconds_gone)


def _network(address: str) -> str:
    ip = ip_address(address)
    return str(ip_network((ip, IPV6_PREFIX), strict=False)) if ip.version == 6 else str(ip)
