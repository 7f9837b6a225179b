"""What to do for each step of the self-test, for the person who makes the software."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TO_DO: Final[dict[str, Promise]] = {
    "refusal_seen": _("Ask for a token for a company that cannot connect, and show its reason to the user."),
    "token_asked": _("Ask for a token for a company that can connect."),
    "token_exchanged": _("Exchange the token from the mail for a user name and a password."),
    "login_used": _("Make a call with that user name and password."),
    "invoice_accepted": _("Send an invoice that is accepted."),
    "credit_note_accepted": _("Send a credit note that is accepted."),
    "correction_accepted": _("Send an accepted invoice again with another content: a correction."),
    "same_bytes_again": _("Send the same document twice, as after a lost answer."),
    "rejection_seen": _("Send a document that is rejected, and show the findings to the user."),
    "feed_polled": _("Ask for the feed."),
    "entry_downloaded": _("Download a document of the feed."),
    "entry_marked": _("Mark a document of the feed as taken."),
    "payment_seen": _("Have an invoice of yours paid by a bank file, then read its payment or the bank file."),
}
