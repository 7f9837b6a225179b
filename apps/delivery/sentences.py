"""What the codes of a failed delivery say to a person, and what they can do, in the active language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.delivery.rules import Channel

CHANNELS: Final[Mapping[Channel, str | Promise]] = {
    Channel.INBOX: _("Inbox on this site"),
    Channel.FEED: _("Accounting software"),
    Channel.EMAIL: _("E-mail, one per invoice"),
    Channel.EMAIL_DAILY: _("E-mail, once a day"),
}

_FAILURES: Final[Mapping[str, tuple[str | Promise, str | Promise]]] = {
    "mail_unavailable": (
        _("Our mail server takes no messages at this moment."),
        _("You need to do nothing: we try again by ourselves."),
    ),
    "address_refused": (
        _("The mail server of this address does not take our messages for it."),
        _("Check the address, and ask who manages that mailbox to accept our messages."),
    ),
    "message_refused": (
        _("The mail server of this address refused this message."),
        _("Read its answer: often the message is too large for it. The invoice is in your inbox on this site."),
    ),
    "destination_removed": (
        _("The destination was removed before the document was sent."),
        _("Send it again to another destination, or fetch it from your inbox on this site."),
    ),
    "document_missing": (
        _("We could not read the document that was to be sent."),
        _("You need to do nothing: we look into it, and try again by ourselves."),
    ),
    "unexpected": (
        _("Something went wrong with us while it was sent."),
        _("You need to do nothing: we look into it, and try again by ourselves."),
    ),
    "interrupted": (
        _("Our service stopped while it was sending."),
        _("You need to do nothing: it was sent again."),
    ),
}


def failure_sentence(code: str) -> str:
    """Return why something did not arrive; an unknown code as it is."""
    return str(_FAILURES[code][0]) if code in _FAILURES else code


def failure_remedy(code: str) -> str:
    """Return what can be done about it, and by whom."""
    return str(_FAILURES[code][1]) if code in _FAILURES else ""
