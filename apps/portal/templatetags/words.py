"""The words and signs of codes: states with tone and glyph (the design's table), and plain labels."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.delivery.health_sentences import IN_SHORT, RHYTHMS
from apps.delivery.sentences import CHANNELS
from apps.reconciliation.explanations import KINDS
from apps.statements.sentences import CODA_FILE_STATES, STATEMENT_STATES
from apps.tokens.standings import USES, Use


class Badge(NamedTuple):
    """How a state looks: ok, wait (a person must act), busy (moves by itself), stop or off; its glyph; its word."""

    tone: str
    glyph: str
    word: str | Promise


ANSWERED: Final = Badge("busy", "half", _("question answered"))
OVERDUE: Final = Badge("stop", "clock", pgettext_lazy("payment", "overdue"))

BADGES: Final[Mapping[str, Mapping[str, Badge]]] = {
    "request": {
        "waiting": Badge("wait", "clock", pgettext_lazy("connection request", "waiting")),
        "sending": Badge("busy", "half", pgettext_lazy("connection request", "sending code")),
        "token_sent": Badge("busy", "half", pgettext_lazy("connection request", "code sent")),
        "activated": Badge("ok", "check", pgettext_lazy("connection request", "activated")),
        "expired": Badge("off", "dash", pgettext_lazy("connection request", "expired")),
        "withdrawn": Badge("off", "dash", pgettext_lazy("connection request", "withdrawn")),
        "closed": Badge("off", "dash", pgettext_lazy("connection request", "closed")),
    },
    "connection": {
        "active": Badge("ok", "check", pgettext_lazy("connection", "active")),
        "suspended": Badge("wait", "pause", pgettext_lazy("connection", "suspended")),
        "revoked": Badge("off", "dash", pgettext_lazy("connection", "ended")),
    },
    "client_link": {
        "claimed": Badge("wait", "clock", pgettext_lazy("client link", "claimed")),
        "current": Badge("ok", "check", pgettext_lazy("client link", "current")),
        "ended": Badge("off", "dash", pgettext_lazy("client link", "ended")),
    },
    "email": {
        "on_file": Badge("off", "ring", pgettext_lazy("e-mail address", "on file")),
        "verified": Badge("ok", "check", pgettext_lazy("e-mail address", "verified")),
        "bounced": Badge("stop", "stop", pgettext_lazy("e-mail address", "bounces")),
        "complained": Badge("wait", "pause", pgettext_lazy("e-mail address", "refused by recipient")),
    },
    "invoice": {
        "received": Badge("busy", "half", pgettext_lazy("invoice", "received")),
        "accepted": Badge("ok", "check", pgettext_lazy("invoice", "accepted")),
        "rejected": Badge("stop", "stop", pgettext_lazy("invoice", "rejected")),
    },
    "delivery": {
        "pending": Badge("busy", "half", pgettext_lazy("delivery", "on its way")),
        "delivered": Badge("busy", "half", pgettext_lazy("delivery", "delivered")),
        "fetched": Badge("busy", "half", pgettext_lazy("delivery", "fetched")),
        "failed": Badge("stop", "stop", pgettext_lazy("delivery", "failed")),
    },
    "destination": {
        "unconfirmed": Badge("wait", "clock", pgettext_lazy("destination", "to be confirmed")),
        "active": Badge("ok", "check", pgettext_lazy("destination", "works")),
        "failing": Badge("stop", "stop", pgettext_lazy("destination", "fails")),
        "paused": Badge("wait", "pause", pgettext_lazy("destination", "paused")),
        "removed": Badge("off", "dash", pgettext_lazy("destination", "removed")),
    },
    "attempt": {
        "": Badge("busy", "half", pgettext_lazy("attempt", "under way")),
        "done": Badge("ok", "check", pgettext_lazy("attempt", "arrived")),
        "there_already": Badge("ok", "check", pgettext_lazy("attempt", "was there already")),
        "failed": Badge("stop", "stop", pgettext_lazy("attempt", "failed")),
        "interrupted": Badge("wait", "pause", pgettext_lazy("attempt", "interrupted")),
    },
    "endpoint": {
        "active": Badge("ok", "check", pgettext_lazy("webhook endpoint", "works")),
        "failing": Badge("stop", "stop", pgettext_lazy("webhook endpoint", "fails")),
        "stopped": Badge("stop", "pause", pgettext_lazy("webhook endpoint", "paused by us")),
        "paused": Badge("wait", "pause", pgettext_lazy("webhook endpoint", "paused")),
        "off": Badge("off", "dash", pgettext_lazy("webhook endpoint", "off")),
    },
    "message": {
        "pending": Badge("busy", "half", pgettext_lazy("webhook message", "waiting")),
        "delivered": Badge("ok", "check", pgettext_lazy("webhook message", "arrived")),
        "failed": Badge("stop", "stop", pgettext_lazy("webhook message", "given up")),
    },
    "package": {
        "sandbox": Badge("wait", "clock", pgettext_lazy("software", "not in use yet")),
        "live": Badge("ok", "check", pgettext_lazy("software", "in use")),
        "disabled": Badge("off", "dash", pgettext_lazy("software", "disabled")),
    },
    "statement": {
        "imported": Badge("ok", "check", pgettext_lazy("statement", "complete")),
        "held": Badge("stop", "pause", pgettext_lazy("statement", "held")),
        "unrouted": Badge("wait", "clock", pgettext_lazy("statement", "account unknown")),
        "duplicate": Badge("off", "dash", pgettext_lazy("statement", "already had it")),
    },
    "health": {
        "mandate_missing": Badge("wait", "clock", IN_SHORT["mandate_missing"]),
        "mandate_requested": Badge("wait", "clock", IN_SHORT["mandate_requested"]),
        "mandate_signed": Badge("busy", "half", IN_SHORT["mandate_signed"]),
        "mandate_refused": Badge("stop", "stop", IN_SHORT["mandate_refused"]),
        "mandate_ended": Badge("stop", "stop", IN_SHORT["mandate_ended"]),
        "held": Badge("stop", "pause", IN_SHORT["held"]),
        "unrouted": Badge("wait", "clock", IN_SHORT["unrouted"]),
        "not_fetched": Badge("wait", "clock", IN_SHORT["not_fetched"]),
        "bank_late": Badge("busy", "half", IN_SHORT["bank_late"]),
        "account_late": Badge("stop", "clock", IN_SHORT["account_late"]),
        "never_came": Badge("wait", "clock", IN_SHORT["never_came"]),
        "quiet": Badge("off", "ring", IN_SHORT["quiet"]),
        "too_early": Badge("off", "ring", IN_SHORT["too_early"]),
        "well": Badge("ok", "check", IN_SHORT["well"]),
    },
    "payment": {
        "open": Badge("off", "ring", pgettext_lazy("payment", "open")),
        "partially_paid": Badge("busy", "half", pgettext_lazy("payment", "partly paid")),
        "paid": Badge("ok", "check", pgettext_lazy("payment", "paid")),
        "overpaid": Badge("wait", "clock", pgettext_lazy("payment", "overpaid")),
        "credited": Badge("ok", "check", pgettext_lazy("payment", "credited")),
        "settled": Badge("ok", "check", pgettext_lazy("payment", "settled")),
    },
    "office": {
        "unseen": Badge("off", "ring", pgettext_lazy("accounting office", "not seen yet")),
        "questioned": Badge("wait", "clock", pgettext_lazy("accounting office", "question open")),
        "refused": Badge("stop", "stop", pgettext_lazy("accounting office", "refused")),
        "booked": Badge("ok", "check", pgettext_lazy("accounting office", "booked")),
    },
    "software": {
        Use.IN_USE: Badge("ok", "check", USES[Use.IN_USE]),
        Use.QUIET: Badge("wait", "clock", USES[Use.QUIET]),
        Use.NOT_SEEN: Badge("off", "ring", USES[Use.NOT_SEEN]),
    },
    "severity": {
        "fatal": Badge("stop", "stop", pgettext_lazy("finding", "fatal")),
        "warning": Badge("wait", "finding", pgettext_lazy("finding", "warning")),
        "information": Badge("off", "ring", pgettext_lazy("finding", "for information")),
    },
}

WORDS: Final[Mapping[str, Mapping[str, str | Promise]]] = {
    "document": {"invoice": _("Invoice"), "credit_note": _("Credit note")},
    "occasion": {
        "arrival": pgettext_lazy("occasion", "came in"),
        "backfill": pgettext_lazy("occasion", "earlier period"),
        "again": pgettext_lazy("occasion", "again"),
    },
    "bank file": CODA_FILE_STATES,
    "bank statement": STATEMENT_STATES,
    "role": {"owner": _("Owner"), "member": _("Member")},
    "rhythm": RHYTHMS,
    "bank day": {
        "came": pgettext_lazy("bank day", "statement"),
        "missing": pgettext_lazy("bank day", "missing"),
        "held": pgettext_lazy("bank day", "held"),
        "expected": pgettext_lazy("bank day", "expected"),
        "none": pgettext_lazy("bank day", "no statement"),
    },
    "settlement": {
        "cash": _("Paid in cash"),
        "card": _("Paid by card or through a payment service"),
        "set_off": _("Set off against something else"),
        "written_off": _("Written off: the money will not come"),
    },
    "channel": {channel.value: word for channel, word in CHANNELS.items()},
    "arrival": {
        "first": pgettext_lazy("arrival", "first time"),
        "duplicate": pgettext_lazy("arrival", "the same again"),
        "correction": pgettext_lazy("arrival", "corrected version"),
    },
    "file": {
        "pdf": "PDF",
        "png": _("Picture (PNG)"),
        "jpeg": _("Picture (JPEG)"),
        "xlsx": _("Spreadsheet (XLSX)"),
        "ods": _("Spreadsheet (ODS)"),
        "text": _("Text"),
        "markup": _("XML or HTML"),
        "archive": _("Archive (ZIP)"),
        "program": _("Program"),
        "unknown": _("Unknown kind of file"),
    },
    "difference": KINDS,
    "rule": {
        "structured_communication": _("Structured communication"),
        "end_to_end": _("Reference of the payer's order"),
        "invoice_number": _("Invoice number and amount"),
        "known_account": _("Amount, from an account that has paid for this customer"),
        "repaired_reference": _("Amount and account; one digit of the reference was wrong"),
        "several_invoices": _("Several invoices named, with their sum"),
        "oldest_first": _("Same reference, oldest first"),
        "person": _("Given by a person"),
        "reversal": _("Taken back by the bank"),
        "undone": _("Undone by a person"),
    },
    "remark": {
        "question": pgettext_lazy("remark", "The accounting office asks"),
        "refusal": pgettext_lazy("remark", "Why the accounting office refused it"),
        "answer": pgettext_lazy("remark", "The company answers"),
    },
    "actor": {
        "system": _("by itself"),
        "software": _("by the invoicing software"),
        "office": _("by the accounting software"),
        "user": _("by a person"),
        "staff": _("by our staff"),
    },
    "event": {
        "invoice.received": pgettext_lazy("event", "Received"),
        "invoice.purged": pgettext_lazy("event", "The papers were removed: their legal time of keeping is over"),
        "reaction.held": pgettext_lazy("event", "A step stopped several times; our support looks into it"),
        "invoice.arrived_again": pgettext_lazy("event", "The same document came in again"),
        "invoice.corrected": pgettext_lazy("event", "A corrected version came in"),
        "invoice.accepted": pgettext_lazy("event", "Checked and accepted"),
        "invoice.rejected": pgettext_lazy("event", "Checked and rejected"),
        "invoice.correction_accepted": pgettext_lazy("event", "Corrected version accepted"),
        "invoice.correction_rejected": pgettext_lazy("event", "Corrected version rejected"),
        "invoice.delivered": pgettext_lazy("event", "Delivered"),
        "invoice.fetched": pgettext_lazy("event", "Fetched"),
        "invoice.booked": pgettext_lazy("event", "Booked"),
        "invoice.redelivery_asked": pgettext_lazy("event", "Asked to be delivered again"),
        "invoice.questioned": pgettext_lazy("event", "The accounting office asks something"),
        "invoice.answered": pgettext_lazy("event", "Its question was answered"),
        "invoice.refused": pgettext_lazy("event", "Refused by the accounting office"),
        "invoice.reopened": pgettext_lazy("event", "Before the accounting office again"),
        "invoice.payment_changed": pgettext_lazy("event", "Payment state changed"),
    },
}
