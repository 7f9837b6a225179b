"""The words and signs of codes: states with tone and glyph (the design's table), and plain labels."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounting_offices.labels import LINK_STATES
from apps.companies.labels import CONTACT_STATES, ROLES
from apps.delivery.labels import CHANNELS, DELIVERY_STATES, DESTINATION_STATES, IN_SHORT, OCCASIONS, OUTCOMES, RHYTHMS
from apps.invoices.labels import (
    ARRIVAL_OUTCOMES,
    DOCUMENT_TYPES,
    INVOICE_STATES,
    OFFICE_VIEW_STATES,
    PAYMENT_STATES,
    SEVERITIES,
)
from apps.reconciliation.labels import KINDS, RULES, SETTLEMENT_WAYS
from apps.sandbox.labels import MARK_STATES
from apps.statements.labels import CODA_FILE_STATES, STATEMENT_STATES
from apps.tokens.labels import CONNECTION_STATES, REQUEST_STATES, SOFTWARE_STATES
from apps.tokens.standings import USES, Use
from apps.webhooks.labels import ENDPOINT_STATES, MESSAGE_STATES


class Badge(NamedTuple):
    """How a state looks: ok, wait (a person must act), busy (moves by itself), stop or off; its glyph; its word."""

    tone: str
    glyph: str
    word: str | Promise


ANSWERED: Final = Badge("busy", "half", _("question answered"))
OVERDUE: Final = Badge("stop", "clock", pgettext_lazy("payment", "overdue"))


def _badges(words: Mapping[Any, Promise], **looks: tuple[str, str]) -> Mapping[str, Badge]:
    return {code: Badge(tone, glyph, words[code]) for code, (tone, glyph) in looks.items()}


BADGES: Final[Mapping[str, Mapping[str, Badge]]] = {
    "request": _badges(
        REQUEST_STATES,
        waiting=("wait", "clock"),
        sending=("busy", "half"),
        token_sent=("busy", "half"),
        activated=("ok", "check"),
        expired=("off", "dash"),
        withdrawn=("off", "dash"),
        closed=("off", "dash"),
    ),
    "connection": _badges(
        CONNECTION_STATES,
        active=("ok", "check"),
        suspended=("wait", "pause"),
        revoked=("off", "dash"),
    ),
    "client_link": _badges(
        LINK_STATES,
        claimed=("wait", "clock"),
        current=("ok", "check"),
        ended=("off", "dash"),
    ),
    "email": _badges(
        CONTACT_STATES,
        on_file=("off", "ring"),
        verified=("ok", "check"),
        bounced=("stop", "stop"),
        complained=("wait", "pause"),
    ),
    "invoice": _badges(
        INVOICE_STATES,
        received=("busy", "half"),
        accepted=("ok", "check"),
        rejected=("stop", "stop"),
    ),
    "delivery": _badges(
        DELIVERY_STATES,
        pending=("busy", "half"),
        delivered=("busy", "half"),
        fetched=("busy", "half"),
        failed=("stop", "stop"),
    ),
    "destination": {
        **_badges(
            DESTINATION_STATES,
            unconfirmed=("wait", "clock"),
            active=("ok", "check"),
            paused=("wait", "pause"),
            removed=("off", "dash"),
        ),
        "failing": Badge("stop", "stop", pgettext_lazy("destination", "fails")),
    },
    "attempt": {
        **_badges(
            OUTCOMES,
            done=("ok", "check"),
            there_already=("ok", "check"),
            failed=("stop", "stop"),
            interrupted=("wait", "pause"),
        ),
        "": Badge("busy", "half", pgettext_lazy("attempt", "under way")),
    },
    "endpoint": {
        **_badges(
            ENDPOINT_STATES,
            active=("ok", "check"),
            paused=("wait", "pause"),
            off=("off", "dash"),
        ),
        "failing": Badge("stop", "stop", pgettext_lazy("webhook endpoint", "fails")),
        "stopped": Badge("stop", "pause", pgettext_lazy("webhook endpoint", "paused by us")),
    },
    "message": _badges(
        MESSAGE_STATES,
        pending=("busy", "half"),
        delivered=("ok", "check"),
        failed=("stop", "stop"),
    ),
    "package": _badges(
        SOFTWARE_STATES,
        sandbox=("wait", "clock"),
        live=("ok", "check"),
        disabled=("off", "dash"),
    ),
    "statement": {
        "imported": Badge("ok", "check", pgettext_lazy("statement", "complete")),
        "held": Badge("stop", "pause", pgettext_lazy("statement", "held")),
        "unrouted": Badge("wait", "clock", pgettext_lazy("statement", "account unknown")),
        "duplicate": Badge("off", "dash", pgettext_lazy("statement", "already had it")),
    },
    "health": _badges(
        IN_SHORT,
        mandate_missing=("wait", "clock"),
        mandate_requested=("wait", "clock"),
        mandate_signed=("busy", "half"),
        mandate_refused=("stop", "stop"),
        mandate_ended=("stop", "stop"),
        held=("stop", "pause"),
        unrouted=("wait", "clock"),
        not_fetched=("wait", "clock"),
        bank_late=("busy", "half"),
        account_late=("stop", "clock"),
        never_came=("wait", "clock"),
        quiet=("off", "ring"),
        too_early=("off", "ring"),
        well=("ok", "check"),
    ),
    "payment": _badges(
        PAYMENT_STATES,
        open=("off", "ring"),
        partially_paid=("busy", "half"),
        paid=("ok", "check"),
        overpaid=("wait", "clock"),
        credited=("ok", "check"),
        settled=("ok", "check"),
    ),
    "office": _badges(
        OFFICE_VIEW_STATES,
        unseen=("off", "ring"),
        questioned=("wait", "clock"),
        refused=("stop", "stop"),
        booked=("ok", "check"),
    ),
    "software": {
        Use.IN_USE: Badge("ok", "check", USES[Use.IN_USE]),
        Use.QUIET: Badge("wait", "clock", USES[Use.QUIET]),
        Use.NOT_SEEN: Badge("off", "ring", USES[Use.NOT_SEEN]),
    },
    "mark": _badges(
        MARK_STATES,
        standing=("ok", "check"),
        replaced=("off", "dash"),
        withdrawn=("stop", "stop"),
    ),
    "severity": _badges(
        SEVERITIES,
        fatal=("stop", "stop"),
        warning=("wait", "finding"),
        information=("off", "ring"),
    ),
}

WORDS: Final[Mapping[str, Mapping[Any, str | Promise]]] = {
    "document": DOCUMENT_TYPES,
    "occasion": OCCASIONS,
    "bank file": CODA_FILE_STATES,
    "bank statement": STATEMENT_STATES,
    "role": ROLES,
    "rhythm": RHYTHMS,
    "bank day": {
        "came": pgettext_lazy("bank day", "statement"),
        "missing": pgettext_lazy("bank day", "missing"),
        "held": pgettext_lazy("bank day", "held"),
        "expected": pgettext_lazy("bank day", "expected"),
        "none": pgettext_lazy("bank day", "no statement"),
    },
    "settlement": SETTLEMENT_WAYS,
    "channel": CHANNELS,
    "arrival": ARRIVAL_OUTCOMES,
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
    "rule": RULES,
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
