"""Closing a client's books: what is dated up to and including a day is no longer corrected by a new version."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.companies.models import Company
from apps.core.clock import brussels_day
from apps.core.errors import DomainError
from apps.events import services as events
from apps.events.services import News


class ClosingDayAhead(DomainError):
    """Days to come cannot be closed: what is dated then has not been seen yet."""

    code = "closing_day_ahead"
    sentence = _("Choose a day that is over: %(day)s is still to come.")


@transaction.atomic
def close_books(
    *, office: AccountingOffice, company_ids: Collection[int], until: date | None, actor: str, now: datetime
) -> int:
    """Close the books of an office's clients up to and including a day; None opens them again.

    The day may be moved forwards and back. It says something about the days of this office's own link alone: another
    office's books, before or after, are its own to close. Returns for how many clients something changed.

    :raises ClosingDayAhead: when the day is today or later, in Brussels.
    """
    if until is not None and until >= brussels_day(now):
        raise ClosingDayAhead(day=until.isoformat())
    # The companies' locks, which an upload takes too: a correction comes wholly before or wholly after.
    companies = Company.objects.filter(pk__in=company_ids).order_by("pk")
    uuids = dict(companies.select_for_update(of=("self",), no_key=True).values_list("pk", "uuid"))
    links = list(
        ClientLink.objects.select_for_update(of=("self",), no_key=True)
        .filter(office=office, company__in=uuids, starts_on__isnull=False)
        .order_by("pk")
    )
    changed = [link for link in links if link.closed_until != until]
    for link in changed:
        link.closed_until = until
    ClientLink.objects.bulk_update(changed, ["closed_until"])
    name = "books.closed" if until else "books.opened"
    payload = {"until": until.isoformat()} if until else {}
    events.record_many(
        [News(name, link.uuid, uuids[link.company_id], payload) for link in changed], actor=actor, now=now
    )
    return len({link.company_id for link in changed})
