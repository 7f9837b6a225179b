"""What is publicly known of the compatible packages, for the public list: nothing here is guessed.

Only what a vendor's own public pages said when they were read; what they did not say is an empty text, which the pages
write as "not known". Where a code is pasted: `guidance`. Whether a package is in use: `standings`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Sector(StrEnum):
    """Whom a package is made for."""

    GENERAL = "general"
    CONSTRUCTION = "construction"
    CLUBS = "clubs"
    RECEIVABLES = "receivables"
    VETERINARY = "veterinary"


SECTORS: Final[dict[Sector, Promise]] = {
    Sector.GENERAL: _("Small and medium-sized businesses"),
    Sector.CONSTRUCTION: _("Construction and installation"),
    Sector.CLUBS: _("Clubs and fitness"),
    Sector.RECEIVABLES: _("Follow-up of open invoices"),
    Sector.VETERINARY: _("Veterinary practices"),
}


@dataclass(frozen=True, slots=True)
class Package:
    """What is known of a package; `sources` are the pages that say so."""

    sector: Sector | None = None
    sends: Text = ""
    reads: Text = ""
    hints: Sequence[Text] = ()
    sources: Sequence[str] = ()


UNKNOWN: Final = Package()
PACKAGES: Final[dict[str, Package]] = {
    "bouwsoft": Package(Sector.CONSTRUCTION),
    "zenfactuur": Package(Sector.GENERAL),
    "club-planner": Package(Sector.CLUBS, sources=("https://www.clubplanner.be/terms",)),
    "comanage": Package(
        Sector.GENERAL,
        sends=_("Sales invoices, by itself."),
        hints=(_("Purchase invoices do not go this way: it exports them."),),
        sources=(
            "https://help.comanage.me/nl/article/hoe-krijg-ik-vanuit-comanage-al-mijn-bestanden-naar-mijn-boekhouder-1wpx4nr",
        ),
    ),
    "facturalia": UNKNOWN,
    "idloom": UNKNOWN,
    "onfact": Package(
        Sector.GENERAL,
        sends=_("Documents for the accountant."),
        reads=_("The bank's movements and the balance; it marks an invoice as paid when the money arrives."),
        sources=("https://www.onfact.be/integraties/codabox",),
    ),
    "myfact": UNKNOWN,
    "recovr": Package(
        Sector.RECEIVABLES, sources=("https://www.recovr.eu/nl/success-story/klantcase-euro-trafic",)
    ),
    "robaws": Package(
        Sector.CONSTRUCTION,
        sends=_("Sales invoices, when the switch for sending is on."),
        reads=_("Incoming payments, when the switch for payments is on; it shows them with the invoice."),
        hints=(_("Sending and reading have a switch each."),),
        sources=(
            "https://robaws.com/nl-NL/integraties/codabox",
            "https://docs.robaws.be/project/instellingen/integraties/codabox",
        ),
    ),
    "simplybooks": Package(
        Sector.GENERAL,
        sends=_("Sales invoices with their PDF: one by one, by period, or by themselves."),
        reads=_("Incoming payments; it marks invoices as paid."),
        hints=(
            _("It sends an invoice once: tell your accountant of later changes yourself."),
            _("It sends invoices of the current calendar year only, in the order of their dates."),
        ),
        sources=(
            "https://support.simplybooks.be/en/support/solutions/articles/101000441811-op-verschillende-manieren-betalingen-registreren",
            "https://support.simplybooks.be/en/support/solutions/articles/101000381337-facturen-afzonderlijk-naar-mijn-boekhouder-doorsturen-met-codabox",
        ),
    ),
    "sonetas": Package(Sector.VETERINARY, sources=("https://docs.chift.eu/connectors/invoicing/fuga.md",)),
}  # fmt: skip


def package_of(slug: str, *, sector: str = "") -> Package:
    """Return what is known of a package; of one that is not in the list only the sector that its maker named."""
    return PACKAGES.get(slug) or (Package(Sector(sector)) if sector else UNKNOWN)
