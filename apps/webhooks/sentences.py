"""What the codes of a message that did not arrive say to a person, and what they can do, in the active language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_FAILURES: Final[Mapping[str, tuple[str | Promise, str | Promise]]] = {
    "host_unknown": (
        _("There is no server of this name."),
        _("Check the address of the endpoint."),
    ),
    "host_private": (
        _("This server is in a private network, which we do not reach."),
        _("Give an address that can be reached from the internet."),
    ),
    "unreachable": (
        _("The server does not answer at this port."),
        _("Check whether it runs, and whether it lets us in."),
    ),
    "too_slow": (
        _("The server did not answer in time."),
        _("Answer at once, and do the work afterwards."),
    ),
    "connection_lost": (
        _("The server ended the connection."),
        _("Look into its log."),
    ),
    "cut_off": (
        _("The server ended the connection in the middle of its answer."),
        _("Look into its log. You may get the message twice."),
    ),
    "no_http": (
        _("What answers at this address does not speak HTTP."),
        _("Check the address and the port."),
    ),
    "no_tls": (
        _("No secure connection could be made."),
        _("Check the address and the port, and that the server speaks TLS 1.2 or newer."),
    ),
    "certificate_refused": (
        _("The certificate of the server is not valid."),
        _("Renew it, and have the server send the whole chain."),
    ),
    "redirected": (
        _("The server sent us on to another address, which we do not follow."),
        _("Give the final address."),
    ),
    "gone": (
        _("The server said that there is nothing at this address any more (410)."),
        _("Give another address, or switch the endpoint off."),
    ),
    "status_refused": (
        _("The server answered that it did not take the message."),
        _("Read its answer. Only an answer from 200 to 299 counts."),
    ),
    "secret_unreadable": (
        _("We cannot read the secret any more that signs the messages."),
        _("Rotate the secret."),
    ),
    "endpoint_off": (
        _("The endpoint was switched off before the message was sent."),
        _("Switch it on, and replay the message."),
    ),
    "no_longer_connected": (
        _("The company ended its connection before the message was sent."),
        _("Nothing can be done: you may no longer read about this company."),
    ),
    "interrupted": (
        _("Our service stopped while it was sending."),
        _("You need to do nothing: it was sent again."),
    ),
    "unexpected": (
        _("Something went wrong with us while it was sent."),
        _("You need to do nothing: we look into it, and try again by ourselves."),
    ),
}


def failure_sentence(code: str) -> str:
    """Return why something did not arrive; an unknown code as it is."""
    return str(_FAILURES[code][0]) if code in _FAILURES else code


def failure_remedy(code: str) -> str:
    """Return what can be done about it, and by whom."""
    return str(_FAILURES[code][1]) if code in _FAILURES else ""
