"""How the page of an invoice writes what a UBL document says in codes: units, countries, VAT, discounts and charges."""

from decimal import Decimal
from typing import Any, Final

from babel import Locale
from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from apps.core.display import NO_BREAK_SPACE, plain_amount, quantity
from apps.core.languages import LOCALES, reader_language
from apps.invoices.pdf.labels import EXEMPTIONS

register = template.Library()

# UN/ECE recommendations 20 and 21. Plain counts need no word.
_SIGNS: Final = {
    **dict.fromkeys(("C62", "H87", "EA", "NAR", "PCE", "ZZ", "1I", "XPP"), ""),
    "HUR": "h", "MIN": "min", "SEC": "s", "MGM": "mg", "GRM": "g", "KGM": "kg", "TNE": "t", "MMT": "mm", "CMT": "cm",
    "MTR": "m", "KMT": "km", "LM": "m", "CMK": "cm²", "MTK": "m²", "HAR": "ha", "MTQ": "m³", "MLT": "ml", "CLT": "cl",
    "LTR": "l", "HLT": "hl", "WHR": "Wh", "KWH": "kWh", "MWH": "MWh", "KWT": "kW", "P1": "%",
}  # fmt: skip
_WORDS: Final[dict[str, Promise]] = {
    "DAY": pgettext_lazy("unit", "days"),
    "WEE": pgettext_lazy("unit", "weeks"),
    "MON": pgettext_lazy("unit", "months"),
    "QAN": pgettext_lazy("unit", "quarters"),
    "ANN": pgettext_lazy("unit", "years"),
    "LS": pgettext_lazy("unit", "lump sum"),
    "SET": pgettext_lazy("unit", "sets"),
    "PR": pgettext_lazy("unit", "pairs"),
    "DZN": pgettext_lazy("unit", "dozen"),
    "XBX": pgettext_lazy("unit", "boxes"),
    "XCT": pgettext_lazy("unit", "cartons"),
    "XPK": pgettext_lazy("unit", "packages"),
    "XPX": pgettext_lazy("unit", "pallets"),
    "XRO": pgettext_lazy("unit", "rolls"),
    "XBG": pgettext_lazy("unit", "bags"),
    "XBO": pgettext_lazy("unit", "bottles"),
}


@register.filter
def unit(code: str | None) -> str:
    """Write a unit code as its sign or word; pieces need none, and an unknown code stays as it is."""
    return _SIGNS.get(code or "", str(_WORDS.get(code or "", code or "")))


@register.filter
def country(code: str) -> str:
    """Write a country code as the country's name; an unknown one as it is."""
    return str(Locale.parse(LOCALES[reader_language()]).territories.get(code, code))


@register.filter
def vat_rate(percent: Decimal | None, category: str | None) -> str:
    """Write a VAT rate: `21 %`; without VAT, the reason that its category names."""
    reason = EXEMPTIONS[reader_language()].get(category or "", "")
    if reason and not percent:
        return reason
    return f"{quantity(percent)}{NO_BREAK_SPACE}%" if percent is not None else category or ""


@register.filter
def allowance_name(part: Any) -> str:
    """Write what a discount or charge is for, with its rate and VAT."""
    name = part.reason or (_("Charge") if part.is_charge else _("Discount"))
    rate = f" {quantity(part.percent)}{NO_BREAK_SPACE}%" if part.percent else ""
    vat = vat_rate(part.vat_percent, part.vat_category)
    return f"{name[:160]}{rate}" + (f" ({_('VAT')} {vat})" if vat else "")


@register.filter
def signed_allowance(part: Any) -> Decimal | None:
    """Return the amount of a discount or charge with the sign by which it counts."""
    return part.amount if part.is_charge else negative(part.amount)


@register.filter
def allowance(part: Any) -> str:
    """Write a discount or charge of a line with its amount: `Discount 10 %: −5,00`."""
    return f"{allowance_name(part)}: {plain_amount(signed_allowance(part))}"


@register.filter
def negative(amount: Decimal | None) -> Decimal | None:
    """Return the amount with the other sign; nothing stays nothing, and zero stays without one."""
    return -amount if amount else amount
