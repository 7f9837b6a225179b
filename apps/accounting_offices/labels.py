"""What the codes of accounting offices, their clients and mandates are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from apps.accounting_offices.rules import (
    ApplicationState,
    ClientStanding,
    LinkState,
    MandatePurpose,
    MandateState,
    OfficeState,
)

OFFICE_STATES: Final[Mapping[str, Promise]] = {
    OfficeState.APPLIED: pgettext_lazy("accounting office", "applied"),
    OfficeState.CLIENT: pgettext_lazy("accounting office", "client"),
    OfficeState.FORMER: pgettext_lazy("accounting office", "former client"),
}
APPLICATION_STATES: Final[Mapping[str, Promise]] = {
    ApplicationState.OPEN: pgettext_lazy("application", "to be decided"),
    ApplicationState.APPROVED: pgettext_lazy("application", "approved"),
    ApplicationState.DECLINED: pgettext_lazy("application", "declined"),
}
LINK_STATES: Final[Mapping[str, Promise]] = {
    LinkState.CLAIMED: pgettext_lazy("client link", "claimed"),
    LinkState.CURRENT: pgettext_lazy("client link", "current"),
    LinkState.ENDED: pgettext_lazy("client link", "ended"),
}
STANDINGS: Final[Mapping[str, Promise]] = {
    ClientStanding.REFUSED: pgettext_lazy("client", "refused"),
    ClientStanding.CONNECTED: pgettext_lazy("client", "connected"),
    ClientStanding.WAITING: pgettext_lazy("client", "code on its way"),
    ClientStanding.UNASKED: pgettext_lazy("client", "not asked yet"),
}
MANDATE_STATES: Final[Mapping[str, Promise]] = {
    MandateState.REQUESTED: pgettext_lazy("mandate", "to be signed"),
    MandateState.SIGNED: pgettext_lazy("mandate", "signed"),
    MandateState.ACTIVE: pgettext_lazy("mandate", "active"),
    MandateState.ENDED: pgettext_lazy("mandate", "ended"),
    MandateState.REFUSED: pgettext_lazy("mandate", "refused"),
}
MANDATE_PURPOSES: Final[Mapping[str, Promise]] = {
    MandatePurpose.CODA: pgettext_lazy("mandate", "bank statements (CODA)"),
    MandatePurpose.PURCHASE_INVOICES: pgettext_lazy("mandate", "purchase invoices"),
}
