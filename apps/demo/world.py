"""The demo world as data: invented Belgian firms in the unused 01xx number range, the twelve packages, their users."""

from dataclasses import dataclass
from typing import Final

from apps.core.identifiers import belgian_bban_to_iban

# Everybody's password in the demo, which exists on the embedded default only.
PASSWORD: Final = "codabox-demo-2026"  # noqa: S105 # printed on every start


@dataclass(frozen=True, slots=True)
class DemoSoftware:
    """One of the twelve compatible packages."""

    slug: str
    name: str
    vendor: str
    website: str = ""


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """An accounting office; `is_client` is false for the one that only applied."""

    slug: str
    enterprise_number: str
    name: str
    email: str
    language: str
    is_client: bool = True


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """A company; `scenario` is `ready`, `connected` or the refusal code that it gets."""

    enterprise_number: str
    name: str
    email: str
    language: str
    scenario: str
    office: str
    iban: str
    bic: str


def _number(first_eight: str) -> str:
    return f"{first_eight}{97 - int(first_eight) % 97:02d}"


def _iban(first_ten: str) -> str:
    return belgian_bban_to_iban(f"{first_ten}{int(first_ten) % 97 or 97:02d}")


SOFTWARE: Final = (
    DemoSoftware("bouwsoft", "Bouwsoft", "Bouwsoft", "https://www.bouwsoft.be"),
    DemoSoftware("zenfactuur", "Zenfactuur", "Cashaca", "https://app.zenfactuur.be"),
    DemoSoftware("club-planner", "Club Planner", "Club Planner", "https://www.clubplanner.be"),
    DemoSoftware("comanage", "CoManage", "CoManage", "https://www.comanage.me"),
    DemoSoftware("facturalia", "Facturalia", "Facturalia"),
    DemoSoftware("idloom", "Idloom", "Idloom", "https://www.idloom.com"),
    DemoSoftware("onfact", "onFact", "enfact", "https://www.onfact.be"),
    DemoSoftware("myfact", "MyFact", "MyFact"),
    DemoSoftware("recovr", "Recovr", "Recovr", "https://www.recovr.eu"),
    DemoSoftware("robaws", "Robaws", "Robaws", "https://www.robaws.com"),
    DemoSoftware("simplybooks", "SimplyBooks", "SimplyBooks", "https://www.simplybooks.be"),
    DemoSoftware("sonetas", "Sonetas (Fuga)", "Sonetas", "https://www.sonetas.eu"),
)

OFFICES: Final = (
    DemoOffice("peeters", _number("01990001"), "Boekhoudkantoor Peeters & Co", "info@peeters-co.example", "nl"),
    DemoOffice("lambert", _number("01990002"), "Fiduciaire Lambert", "contact@fiduciaire-lambert.example", "fr"),
    DemoOffice("nouveau", _number("01990003"), "Bureau Nouveau Départ", "bonjour@nouveau-depart.example", "fr", is_client=False),
)  # fmt: skip

COMPANIES: Final = (
    DemoCompany(_number("01000001"), "Loodgieterij Maes BV", "an.maes@loodgieterij-maes.example", "nl", "ready", "peeters", _iban("5390075470"), "GKCCBEBB"),
    DemoCompany(_number("01000002"), "Menuiserie Dubois SRL", "luc@menuiserie-dubois.example", "fr", "ready", "lambert", _iban("3630112233"), "BBRUBEBB"),
    DemoCompany(_number("01000003"), "Tuinen De Wilde BV", "info@tuinen-dewilde.example", "nl", "ready", "peeters", _iban("7370223344"), "KREDBEBB"),
    DemoCompany(_number("01000004"), "Elektro Schmitz GmbH", "buero@elektro-schmitz.example", "de", "ready", "lambert", _iban("0019334455"), "GEBABEBB"),
    DemoCompany(_number("01000005"), "Dierenkliniek Ter Linden", "balie@terlinden-dieren.example", "nl", "ready", "peeters", _iban("9730445566"), "ARSPBE22"),
    DemoCompany(_number("01000006"), "Atelier Vélo Namur SRL", "atelier@velo-namur.example", "fr", "ready", "lambert", _iban("0689556677"), "GKCCBEBB"),
    DemoCompany(_number("01000011"), "Bakkerij Janssens BV", "tom@bakkerij-janssens.example", "nl", "connected", "peeters", _iban("7340667788"), "KREDBEBB"),
    DemoCompany(_number("01000021"), "Garage Oud Hof", "garage@oudhof.example", "nl", "company_inactive", "peeters", _iban("5390075471"), "GKCCBEBB"),
    DemoCompany(_number("01000022"), "Studio Zonder Kantoor", "studio@zonderkantoor.example", "nl", "no_accounting_office", "", _iban("5390075472"), "GKCCBEBB"),
    DemoCompany(_number("01000023"), "Traiteur Bon Goût SRL", "chef@bon-gout.example", "fr", "office_not_client", "nouveau", _iban("5390075473"), "GKCCBEBB"),
    DemoCompany(_number("01000024"), "Schilderwerken Claes", "", "nl", "email_unknown", "peeters", _iban("5390075474"), "GKCCBEBB"),
    DemoCompany(_number("01000025"), "Imprimerie Rapide SA", "accueil@imprimerie-rapide.example", "fr", "email_undeliverable", "lambert", _iban("5390075475"), "GKCCBEBB"),
)  # fmt: skip

# Two possible numbers that no company has.
UNKNOWN_NUMBERS: Final = ("0999999922", _number("01000099"))

STAFF_EMAIL: Final = "staff@codabox.example"
# Who looks after which software for its maker.
MAKER_LOGINS: Final = {"robaws": "dev@robaws.example"}
OFFICE_LOGINS: Final = {"peeters": "els@peeters-co.example", "lambert": "marc@fiduciaire-lambert.example"}

CUSTOMERS: Final = (
    ("Café De Zwaan", "BE61310126985517"),
    ("Vandenbroeck NV", "BE43068999999501"),
    ("Immo Horta SA", "BE71096123456769"),
    ("Gemeente Aalter", "BE02091000003440"),
    ("Restaurant Le Phare", "BE19001122334412"),
)
EXPENSES: Final = ("Proximus", "Luminus", "Q8 Gent", "Bouwmaterialen Goossens", "Sociaal verzekeringsfonds")
