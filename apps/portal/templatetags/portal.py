"""How pages and mails write states, amounts, numbers and dates in the reader's language."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from apps.accounting_offices.selectors import Place
from apps.companies.rules import mask_address
from apps.core import display
from apps.core.clock import BRUSSELS, brussels_day
from apps.core.identifiers import format_enterprise_number, is_valid_iban
from apps.core.languages import LOCALES, reader_language
from apps.core.structured_communication import is_structured_communication
from apps.invoices.rules import is_still_to_be_paid
from apps.invoices.sentences import has_own_sentence, message_of, remedy_of
from apps.portal.assets import script_version
from apps.portal.navigation import COMPANY, OFFICE, VENDOR, Link, links
from apps.portal.templatetags.words import ANSWERED, BADGES, OVERDUE, WORDS, Badge
from apps.statements import sentences as coda_sentences
from apps.tokens.vendors import list_all_places
from apps.users.selectors import person_or_none

register = template.Library()

# In a text between two tags, and not the beginning of an address.
MAIL_WORD: Final = re.compile(r"(?<![\w@.+-])e-mail\w*(?![\w.+-]*@)(?=[^<>]*<)", re.IGNORECASE)
HOURS: Final = {"nl": "HH:mm", "fr": "H 'h' mm", "en": "HH:mm", "de": "HH:mm 'Uhr'"}
EXACT: Final = {
    "nl": "EEEE d MMMM y 'om' HH:mm",
    "fr": "EEEE d MMMM y 'à' H\N{NO-BREAK SPACE}'h'\N{NO-BREAK SPACE}mm",
    "en": "EEEE d MMMM y 'at' HH:mm",
    "de": "EEEE, d. MMMM y 'um' HH:mm 'Uhr'",
}
THOUSAND: Final = 1000
SIZES: Final = {"en": ("kB", "MB", "GB"), "fr": ("ko", "Mo", "Go")}
# Where an address or a path may be broken: after what joins its words.
JOINT: Final = re.compile(r"([@./:_-]+)(?=\w)")
DOCUMENT_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
DOCUMENT_AMOUNT: Final = re.compile(r"-?\d{1,15}\.\d{2,6}")
# As `apps.invoices.ubl.places` writes it.
PLACE: Final = re.compile(r"(.*?)(?: \(line (\d+)\))?", re.DOTALL)

for written in (
    display.money,
    display.whole_amount,
    display.plain_amount,
    display.quantity,
    display.iban,
    display.structured,
    display.day,
):
    register.filter(written)


@register.inclusion_tag("components/badge.html")
def state_badge(kind: str, state: str) -> dict[str, Any]:
    """Show a state as glyph and word; an unknown one as it is."""
    return {"badge": BADGES[kind].get(state, Badge("off", "ring", state)), "code": state}


@register.inclusion_tag("components/badge.html")
def office_badge(invoice: Any) -> dict[str, Any]:
    """Show what the office did with an invoice; a question that was answered is not open any more."""
    if invoice.office_state == "questioned" and invoice.answered_at:
        return {"badge": ANSWERED, "code": "answered"}
    return state_badge("office", invoice.office_state)


@register.inclusion_tag("components/badge.html", takes_context=True)
def payment_badge(context: Mapping[str, Any], invoice: Any, open_amount: Decimal | None = None) -> dict[str, Any]:
    """Show what is paid of an invoice; one that was not accepted has no payment, so its own state shows."""
    if invoice.state != "accepted":
        return state_badge("invoice", invoice.state)
    if invoice.payment_state == "open" and is_overdue(context, invoice, open_amount):
        return {"badge": OVERDUE, "code": "overdue"}
    return state_badge("payment", invoice.payment_state)


@register.simple_tag(takes_context=True)
def is_overdue(context: Mapping[str, Any], invoice: Any, open_amount: Decimal | None = None) -> bool:
    """Tell whether something is still to be paid after the due date; needs `today` in the page's context."""
    today = context.get("today")
    return bool(
        today
        and invoice.document_type == "invoice"
        and is_still_to_be_paid(invoice.state, invoice.payment_state)
        and (open_amount is None or open_amount > 0)
        and invoice.due_date
        and invoice.due_date < today
    )


@register.filter
def word(code: str, kind: str) -> str:
    """Write a code in words; an unknown one as it is."""
    return str(WORDS[kind].get(code, code))


@register.filter
def evidence(allocation: Any) -> str:
    """Write what an allocation went by: references and accounts as people read them."""
    text = str(allocation.evidence)
    if allocation.rule != "invoice_number" and is_structured_communication(text):
        return display.structured(text)
    return display.iban(text) if is_valid_iban(text) else text


@register.filter
def actor(name: str) -> str:
    """Write who did something, without naming anybody: `software:robaws` is the invoicing software."""
    return word(name.partition(":")[0], "actor")


@register.filter(is_safe=True)
def whole_words(html: str) -> str:
    """Keep `e-mail` and what begins with it on one line in the HTML of a mail; addresses may break as they do."""
    return mark_safe(MAIL_WORD.sub(r'<span style="white-space: nowrap">\g<0></span>', html))  # noqa: S308


@register.filter
def unbroken(heading: str) -> str:
    """Keep words such as `e-mail` and `peut-elle` whole in a heading, whose lines are balanced."""
    return re.sub(r"(?<=\w)-(?=\w)", "\N{NON-BREAKING HYPHEN}", str(heading))


@register.filter
def enterprise_number(number: str) -> str:
    """Write an enterprise number: `0123.456.749`; other texts as they are."""
    return format_enterprise_number(number) if len(number) == 10 and number.isdecimal() else number


@register.filter
def month(value: date) -> str:
    """Write a month on an axis, as it stands alone: `nov`, `nov.`, `Nov`."""
    return display.no_break(format_date(value, "LLL", locale=LOCALES[reader_language()]))


@register.filter
def month_of_year(value: date) -> str:
    """Write a month with its year: `november 2026`."""
    return display.no_break(format_date(value, "LLLL y", locale=LOCALES[reader_language()]))


@register.filter
def date_of(value: datetime | None) -> date | None:
    """Return the Belgian day of an instant."""
    return brussels_day(value) if value else None


@register.filter
def instant(value: datetime | None) -> str:
    """Write an instant in Belgian time: `20 nov 2026, 09:42`."""
    if value is None:
        return ""
    local = value.astimezone(BRUSSELS)
    hour = format_datetime(local, HOURS[reader_language()], tzinfo=BRUSSELS, locale=LOCALES[reader_language()])
    return f"{display.day(local.date())}, {display.no_break(hour)}"


@register.filter
def exact_instant(value: datetime | None) -> str:
    """Write an instant in full: `vrijdag 4 december 2026 om 09:42`."""
    if value is None:
        return ""
    return str(format_datetime(value, EXACT[reader_language()], tzinfo=BRUSSELS, locale=LOCALES[reader_language()]))


@register.filter
def masked(address: str) -> str:
    """Write an e-mail address so that only who knows it recognises it."""
    return mask_address(address)


@register.filter
def working(connections: Iterable[Any]) -> list[Any]:
    """Return the connections that work today."""
    return [row for row in connections if row.state == "active"]


@register.filter
def mail_instant(header: str) -> str:
    """Write the date of a mail's header; one that cannot be read as it is."""
    try:
        return instant(parsedate_to_datetime(header))
    except ValueError:
        return header


@register.simple_tag(takes_context=True)
def places(context: Mapping[str, Any]) -> list[Place]:
    """Return where the signed-in person has rights."""
    user = context.get("user")
    person = person_or_none(user)
    return list_all_places(viewer=person) if person else []


@register.simple_tag(takes_context=True)
def navigation(context: Any) -> list[Link]:
    """Return where one can go from the page; it also names the place that the page belongs to as `place`."""
    company, office = context.get("company"), context.get("office")
    match = getattr(context.get("request"), "resolver_match", None)
    route = match.url_name if match else ""
    if company and not (match and "office_uuid" in match.kwargs):
        context["place"] = company
        return links(COMPANY, company.uuid, route)
    if office:
        context["place"] = office
        return links(OFFICE, office.uuid, route)
    if vendor := context.get("vendor"):
        context["place"] = vendor
        return links(VENDOR, vendor.uuid, route)
    return []


@register.simple_tag
def script_url() -> str:
    """Return the address of the pages' script, in the version of this release."""
    return reverse("portal:script", args=[script_version()])


@register.filter
def file_size(size: int) -> str:
    """Write how large a file is, in thousands: `840 bytes`, `65,3 kB`, `65,3 ko`."""
    language = reader_language()
    if size < THOUSAND:
        return display.no_break(ngettext("%(n)s byte", "%(n)s bytes", size) % {"n": size})
    units = SIZES["fr" if language == "fr" else "en"]
    power = min((len(str(size)) - 1) // 3, len(units))
    number = format_decimal(Decimal(size) / THOUSAND**power, "#,##0.0", locale=LOCALES[language])
    return f"{number}{display.NO_BREAK_SPACE}{units[power - 1]}"


@register.filter
def breakable(text: str) -> SafeString:
    """Let an address or a path be broken where it has its joints, before it is broken within a word."""
    return mark_safe(JOINT.sub(r"\1<wbr>", escape(text)))  # noqa: S308 # escaped before


@register.filter
def finding_place(place: str) -> str:
    """Write where a finding stands; its line in the reader's language."""
    path, line = PLACE.fullmatch(place).groups()  # type: ignore[union-attr] # whatever the text is, it matches
    return gettext("%(path)s (line %(line)s)") % {"path": path, "line": line} if line else path


@register.filter
def is_official(finding: Any) -> bool:
    """Say whether a finding's sentence is its publisher's, in English."""
    return not has_own_sentence(finding.code)


@register.filter
def finding_sentence(finding: Any) -> str:
    """Return what a rule says of an invoice."""
    return message_of(finding.code, finding.message, {name: _as_read(each) for name, each in finding.params.items()})


def _as_read(value: Any) -> Any:
    """Write a day and an amount of a finding, which are kept as a document writes them, as people read them."""
    if isinstance(value, str) and DOCUMENT_DAY.fullmatch(value):
        try:
            return display.day(date.fromisoformat(value))
        except ValueError:
            return value
    return (
        display.plain_amount(Decimal(value)) if isinstance(value, str) and DOCUMENT_AMOUNT.fullmatch(value) else value
    )


@register.filter
def coda_sentence(finding: Any) -> str:
    """Return what was found in a bank's file."""
    return coda_sentences.sentence_of(finding.code, finding.message)


@register.filter
def coda_remedy(finding: Any) -> str:
    """Return what is to be done about it."""
    return coda_sentences.remedy_of(finding.code)


@register.filter
def finding_remedy(finding: Any) -> str:
    """Return what to do about it."""
    return remedy_of(finding.code, finding.layer)
