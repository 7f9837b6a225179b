"""What the codes of a failed delivery say to a person, and what they can do, in the active language."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_FAILURES: Final[Mapping[str, tuple[str | Promise, str | Promise]]] = {
    "mail_unavailable": (
        _("Our mail server takes no messages at this moment."),
        _("You need to do nothing: we try again by ourselves."),
    ),
    "address_refused": (
        _("The mail server of this address does not take our messages for it."),
        _("Check the address, and ask who manages that mailbox to accept our messages."),
    ),
    "address_bounced": (
        _("The mail server of this address took our message and sent it back afterwards."),
        _(
            "Check the address with whoever manages that mailbox. Then have it tried again, or give another address; "
            "until then nothing is sent there."
        ),
    ),
    "address_complained": (
        _("A reader at this address marked our message as unwanted."),
        _(
            "Ask whoever reads that mailbox. Then have it tried again, or give another address; until then nothing is "
            "sent there."
        ),
    ),
    "message_refused": (
        _("The mail server of this address refused this message."),
        _("Read its answer: often the message is too large for it. The invoice is in your inbox on this site."),
    ),
    "host_unknown": (
        _("There is no server of this name."),
        _("Check the name, or ask who manages the server."),
    ),
    "host_private": (
        _("This server is in a private network, which we do not reach."),
        _("Give the server's public name."),
    ),
    "unreachable": (
        _("The server does not answer at this port."),
        _("Ask who manages the server whether it runs, and whether it lets us in."),
    ),
    "too_slow": (
        _("The server did not answer in time."),
        _("Ask who manages the server. We try again by ourselves."),
    ),
    "no_ssh": (
        _("What answers at this port is no SFTP server."),
        _("Check the name and the port."),
    ),
    "connection_lost": (
        _("The server ended the connection."),
        _("Ask who manages the server. We try again by ourselves."),
    ),
    "host_key_changed": (
        _("The server shows another key than the one that you confirmed. We sent nothing."),
        _("Ask who manages the server whether its key was changed. Only then confirm the new one here."),
    ),
    "login_refused": (
        _("The server does not take our user name, with this password or key."),
        _("Check both, or put our public key on the server."),
    ),
    "no_right_to_write": (
        _("We may not write in this folder."),
        _("Ask who manages the server to give our user the right to make folders and files there."),
    ),
    "file_missing": (
        _("The folder is not there, and we cannot make it."),
        _("Check the folder, or ask who manages the server."),
    ),
    "file_refused": (
        _("The server did not take this file."),
        _("Read its answer; often its disk is full. We try again by ourselves."),
    ),
    "secret_unreadable": (
        _("We cannot read the password or key any more that we kept for this server."),
        _("Fill in the password again, or have a new key made."),
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


def describe_backfill(code: str, params: Mapping[str, Any]) -> str:
    """Return why the delivery of a period stopped; `config/jobs.py` asks."""
    del params
    return failure_sentence(code)


def describe_large(code: str, params: Mapping[str, Any]) -> str:
    """Return why work on a large selection failed; `config/jobs.py` asks."""
    del params
    if code == "bundle_too_large":
        return str(_("The archive would be larger than 20 GB. Choose a narrower filter."))
    return code
