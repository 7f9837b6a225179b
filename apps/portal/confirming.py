"""Pages on which the reader of an address agrees to what a mailed link asks. No sign-in: only they have the link."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.companies.rules import mask_address
from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.portal.private import render_private, speak, when_again
from apps.users.rules import LinkPurpose, LinkStanding
from apps.users.selectors import LinkReading, read_link
from apps.users.services import LinkNotUsable, TooManyMails


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the links of a purpose ask, on which page; both functions take `link_uuid` and `now`."""

    purpose: LinkPurpose
    template: str
    confirm: Callable[..., Any]
    renew: Callable[..., Any]


def answer_confirmation(request: HttpRequest, signed: str, asked: Confirmation) -> HttpResponse:
    """Show what a link asks, and do it with the button; a link whose time is over offers another.

    Looking changes nothing, since mail scanners look too.

    :raises NotFound: for a link of another purpose.
    """
    reading = read_link(signed=signed, now=clock.now())
    if reading.link.purpose != asked.purpose:
        raise NotFound
    speak(request, reading.link.language)
    context: dict[str, object] = {}
    if request.method == "POST":
        context = _act(reading, asked)
        reading = read_link(signed=signed, now=clock.now())
    context |= {"standing": reading.standing.value, "masked_address": mask_address(reading.link.address)}
    return render_private(request, asked.template, context)


def _act(reading: LinkReading, asked: Confirmation) -> dict[str, object]:
    """Confirm, or mail another link when the time of this one is over; return what the page says of it."""
    now = clock.now()
    try:
        if reading.standing is LinkStanding.EXPIRED:
            asked.renew(link_uuid=reading.link.uuid, now=now)
            return {"is_renewed": True}
        asked.confirm(link_uuid=reading.link.uuid, now=now)
    except TooManyMails as error:
        return {"refused": when_again(error, now)}
    except (LinkNotUsable, NotFound):
        # Used or replaced in the meantime, or what it was for is gone: the page says how it stands.
        return {"is_over": True}
    except DomainError as error:
        return {"refused": str(error), "is_over": True}
    return {}
