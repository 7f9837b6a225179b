"""What the codes of the self-test are called, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from apps.sandbox.rules import Group, MarkState

GROUPS: Final[Mapping[str, Promise]] = {
    Group.CONNECT: pgettext_lazy("self-test", "Connecting"),
    Group.SEND: pgettext_lazy("self-test", "Sending invoices"),
    Group.READ: pgettext_lazy("self-test", "Reading payments"),
}
MARK_STATES: Final[Mapping[str, Promise]] = {
    MarkState.STANDING: pgettext_lazy("mark", "counts"),
    MarkState.REPLACED: pgettext_lazy("mark", "replaced"),
    MarkState.WITHDRAWN: pgettext_lazy("mark", "withdrawn"),
}


def name_groups(groups: Iterable[str]) -> str:
    """Return what a software works for, in words."""
    return ", ".join(str(GROUPS[group]) for group in groups)
