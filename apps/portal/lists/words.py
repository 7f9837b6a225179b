"""How a list writes its numbers and days in the reader's language."""

from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_date
from django.utils.translation import gettext as _

from apps.core.languages import LOCALES, reader_language
from apps.core.money import format_amount_for_reading
from apps.portal.lists.counting import Count


def in_digits(number: int) -> str:
    """Write a number: `2.318`, `2 318`, `2,318`."""
    return format_amount_for_reading(Decimal(number), language=reader_language(), places=0)


def count_text(count: Count) -> str:
    """Write a count; `1.000+` where nobody counted on."""
    return in_digits(count.number) if count.is_exact else f"{in_digits(count.number)}+"


def page_text(*, before: Count, shown: int, total: Count) -> str:
    """Write which rows of how many a page shows, and only what was really counted."""
    if not shown:
        return ""
    first, last = in_digits(before.number + 1), in_digits(before.number + shown)
    if not before.is_exact:
        return _("%(shown)s of more than %(bound)s") % {
            "shown": in_digits(shown),
            "bound": in_digits(before.number),
        }
    if not total.is_exact:
        return _("%(first)s–%(last)s of more than %(bound)s") % {
            "first": first,
            "last": last,
            "bound": in_digits(max(total.number, before.number + shown - 1)),
        }
    return _("%(first)s–%(last)s of %(total)s") % {"first": first, "last": last, "total": in_digits(total.number)}


def day_head(day: date, *, today: date) -> str:
    """Write the day above its rows: `Vandaag, vrijdag 20 november`; with the year when it is another."""
    locale = LOCALES[reader_language()]
    comma = "," if locale == "de_BE" else ""
    year = "" if day.year == today.year else " y"
    dot = "." if locale == "de_BE" else ""
    text = format_date(day, f"EEEE{comma} d{dot} MMMM{year}", locale=locale)
    if day == today:
        return _("Today, %(day)s") % {"day": text}
    if day == today - timedelta(days=1):
        return _("Yesterday, %(day)s") % {"day": text}
    return text[:1].upper() + text[1:]
