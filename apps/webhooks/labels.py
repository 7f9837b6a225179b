"""What the codes of webhooks are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from apps.webhooks.rules import EndpointState, MessageState, Outcome

ENDPOINT_STATES: Final[Mapping[str, Promise]] = {
    EndpointState.ACTIVE: pgettext_lazy("webhook endpoint", "works"),
    EndpointState.PAUSED: pgettext_lazy("webhook endpoint", "paused"),
    EndpointState.OFF: pgettext_lazy("webhook endpoint", "off"),
}
MESSAGE_STATES: Final[Mapping[str, Promise]] = {
    MessageState.PENDING: pgettext_lazy("webhook message", "waiting"),
    MessageState.DELIVERED: pgettext_lazy("webhook message", "arrived"),
    MessageState.FAILED: pgettext_lazy("webhook message", "given up"),
}
OUTCOMES: Final[Mapping[str, Promise]] = {
    Outcome.DONE: pgettext_lazy("attempt", "arrived"),
    Outcome.FAILED: pgettext_lazy("attempt", "failed"),
    Outcome.INTERRUPTED: pgettext_lazy("attempt", "interrupted"),
}
