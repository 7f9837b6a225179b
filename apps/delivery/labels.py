"""What the codes of deliveries and of the health of accounts are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.delivery.rules import Channel, DeliveryState, DestinationState, Occasion, Outcome
from apps.statements.health.diagnosis import DiagnosisCode, Urgency
from apps.statements.health.rhythm import RhythmKind

CHANNELS: Final[Mapping[str, Promise]] = {
    Channel.INBOX: _("Inbox on this site"),
    Channel.FEED: _("Accounting software"),
    Channel.EMAIL: _("E-mail, one per invoice"),
    Channel.EMAIL_DAILY: _("E-mail, once a day"),
    Channel.SFTP: _("Files on a server (SFTP)"),
}
DELIVERY_STATES: Final[Mapping[str, Promise]] = {
    DeliveryState.PENDING: pgettext_lazy("delivery", "on its way"),
    DeliveryState.DELIVERED: pgettext_lazy("delivery", "delivered"),
    DeliveryState.FETCHED: pgettext_lazy("delivery", "fetched"),
    DeliveryState.FAILED: pgettext_lazy("delivery", "failed"),
}
DESTINATION_STATES: Final[Mapping[str, Promise]] = {
    DestinationState.UNCONFIRMED: pgettext_lazy("destination", "to be confirmed"),
    DestinationState.ACTIVE: pgettext_lazy("destination", "works"),
    DestinationState.PAUSED: pgettext_lazy("destination", "paused"),
    DestinationState.REMOVED: pgettext_lazy("destination", "removed"),
}
OCCASIONS: Final[Mapping[str, Promise]] = {
    Occasion.ARRIVAL: pgettext_lazy("occasion", "came in"),
    Occasion.BACKFILL: pgettext_lazy("occasion", "earlier period"),
    Occasion.AGAIN: pgettext_lazy("occasion", "again"),
}
OUTCOMES: Final[Mapping[str, Promise]] = {
    Outcome.DONE: pgettext_lazy("attempt", "arrived"),
    Outcome.THERE_ALREADY: pgettext_lazy("attempt", "was there already"),
    Outcome.FAILED: pgettext_lazy("attempt", "failed"),
    Outcome.INTERRUPTED: pgettext_lazy("attempt", "interrupted"),
}
# How an account is doing.
IN_SHORT: Final[Mapping[str, Promise]] = {
    DiagnosisCode.MANDATE_MISSING: pgettext_lazy("bank account", "no mandate"),
    DiagnosisCode.MANDATE_REQUESTED: pgettext_lazy("bank account", "mandate to be signed"),
    DiagnosisCode.MANDATE_SIGNED: pgettext_lazy("bank account", "bank must begin"),
    DiagnosisCode.MANDATE_REFUSED: pgettext_lazy("bank account", "mandate refused"),
    DiagnosisCode.MANDATE_ENDED: pgettext_lazy("bank account", "mandate ended"),
    DiagnosisCode.HELD: pgettext_lazy("bank account", "statement held"),
    DiagnosisCode.UNROUTED: pgettext_lazy("bank account", "not assigned yet"),
    DiagnosisCode.NOT_FETCHED: pgettext_lazy("bank account", "not fetched"),
    DiagnosisCode.BANK_LATE: pgettext_lazy("bank account", "bank late for everyone"),
    DiagnosisCode.ACCOUNT_LATE: pgettext_lazy("bank account", "statement late"),
    DiagnosisCode.NEVER_CAME: pgettext_lazy("bank account", "nothing came yet"),
    DiagnosisCode.QUIET: pgettext_lazy("bank account", "no movements"),
    DiagnosisCode.TOO_EARLY: pgettext_lazy("bank account", "too early to tell"),
    DiagnosisCode.WELL: pgettext_lazy("bank account", "all is well"),
}
RHYTHMS: Final[Mapping[str, Promise]] = {
    RhythmKind.DAILY: _("every bank day"),
    RhythmKind.WEEKLY: _("every week"),
    RhythmKind.MONTHLY: _("every month"),
    RhythmKind.MOVEMENTS: _("only when something moves"),
    RhythmKind.UNKNOWN: _("not known yet"),
}
URGENCIES: Final[Mapping[str, Promise]] = {
    Urgency.ACT: pgettext_lazy("bank account", "somebody must do something"),
    Urgency.LATE: pgettext_lazy("bank account", "late"),
    Urgency.WATCH: pgettext_lazy("bank account", "under way"),
    Urgency.FINE: pgettext_lazy("bank account", "nothing to do"),
}
