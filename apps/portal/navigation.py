"""Where one can go from a page: the pages of the company or office that it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a place: its word, the route it opens with, and the routes below it."""

    word: str | Promise
    route: str
    below: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A section of one place, as the bar shows it."""

    word: str
    url: str
    is_current: bool


COMPANY: Final = (
    Section(_("Overview"), "company"),
    Section(
        _("Invoices"),
        "company-invoices",
        ("company-invoice", "company-invoice-payments", "company-remarks", "settle-invoice", "company-large"),
    ),
    Section(_("Payments"), "company-movements", ("loose-money", "assign-money", "money-decisions", "company-money")),
    Section(pgettext_lazy("bank", "Accounts"), "company-accounts", ("company-account", "statement", "account-export")),
    Section(_("Who acts for me"), "company-connections", ("bank-access", "change-connection", "company-request")),
    Section(_("Settings"), "company-members", ("company-contact", "matching")),
)
OFFICE: Final = (
    Section(_("Work list"), "office"),
    Section(
        _("Inbox"),
        "inbox",
        ("office-invoice", "office-invoice-payments", "office-question", "office-refusal", "office-large"),
    ),
    Section(
        _("Clients"),
        "clients",
        ("missing-addresses", "client-contact", "all-books", "client-books"),
    ),
    Section(
        pgettext_lazy("bank", "Accounts"),
        "office-accounts",
        ("office-account", "office-statement", "office-account-export"),
    ),
    Section(_("Import"), "import-clients", ("client-import", "import-columns")),
    Section(_("Delivery"), "delivery", ("add-destination", "destination", "add-server", "change-server")),
    Section(_("Settings"), "office-members", ("office-access",)),
)

VENDOR: Final = (
    Section(_("Packages"), "vendor", ("vendor-software", "vendor-connections", "vendor-requests", "self-test")),
    Section(_("Webhooks"), "webhooks", ("add-endpoint", "endpoint", "change-endpoint", "webhook-message")),
    Section(_("Settings"), "vendor-members"),
)


def links(sections: Sequence[Section], place: UUID, route: str) -> list[Link]:
    """Return the sections of a place; `route` is the name of the page that is shown."""
    return [
        Link(
            str(section.word),
            reverse(f"portal:{section.route}", args=[place]),
            route in (section.route, *section.below),
        )
        for section in sections
    ]
