"""Whose document it is: it belongs to the office that kept the company's books on its day, for ever."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.core.display import day
from apps.portal.invoice_reader import Reader
from apps.portal.slips import Slip


def day_note(reader: Reader, delivered: Sequence[Any], *, today: date) -> Slip | str | None:
    """Return what there is to say of the day of an accepted document: a sentence, a slip when it waits, or nothing."""
    invoice = reader.invoice
    if invoice.state != "accepted":
        return None
    if not any(row.delivered_at for row in delivered):
        return (
            _waits(invoice) if offices.link_in_force(company=invoice.company, on=invoice.issue_date) is None else None
        )
    current = offices.link_in_force(company=invoice.company, on=today)
    holder = invoice.office
    if holder is None or (current is not None and current.office_id == holder.pk):
        return None
    facts = {
        "day": day(invoice.issue_date),
        "holder": holder.name,
        "office": current.office.name if current else "",
        "from": day(current.starts_on) if current else "",
    }
    if reader.is_office:
        return (
            _("On %(day)s your office kept these books: the document stays with you, although you no longer keep them.")
            % facts
        )
    if current is None:
        return _("On %(day)s %(holder)s kept your books: the document belongs there, and stays there.") % facts
    return (
        _(
            "On %(day)s %(holder)s kept your books: the document belongs there, and stays there. %(office)s, which "
            "keeps them since %(from)s, does not see it here."
        )
        % facts
    )


def _waits(invoice: Any) -> Slip:
    facts = {"day": day(invoice.issue_date)}
    return Slip(
        id="no-office",
        tone="wait",
        glyph="clock",
        what=_("This document waits: no accounting office on %(day)s") % facts,
        since=invoice.accepted_at,
        why=_("A document goes to the office that kept your books on its day. For %(day)s none is known.") % facts,
        who=_("Your accounting office"),
        action=_("Ask it to tell us since when it keeps your books."),
        follows=_("Once an office is known for that day, the document is delivered to it by itself."),
    )
