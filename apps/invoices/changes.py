"""The invoices that a software sent, by the last change of any of their states: nothing that changes is missed.

The database dates every change itself, at the moment it is written (`changed_at`). A change that is written and not yet
committed would be passed by a cursor that goes beyond its date; so what is younger than the oldest writer still under
way is left for the next call.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, DateTimeField, Exists, F, Func, OuterRef, Value
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from apps.companies.models import Company
from apps.core.errors import DomainError
from apps.invoices.models import Arrival, Invoice
from apps.invoices.rules import InvoiceState
from apps.tokens.models import Software

PAGE: Final = 100
# A worker's task is killed after that time: an older transaction is a forgotten one.
_SETTLED = """
SELECT coalesce(min(xact_start), clock_timestamp()) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
  AND xact_start > clock_timestamp() - interval '15 minutes'
"""


class CursorMalformed(DomainError):
    """A cursor that was not given here."""

    code = "cursor_malformed"
    sentence = _("The cursor was not given by this list. Begin again without one.")


class InstantMalformed(DomainError):
    """A text that is no instant with its zone."""

    code = "instant_malformed"
    sentence = _("Write the instant as 2026-11-25T09:30:00Z.")


class StateUnknown(DomainError):
    """A state that no invoice has."""

    code = "state_unknown"
    sentence = _("An invoice is received, accepted or rejected; there is no other state.")


@dataclass(frozen=True, slots=True)
class Changes:
    """Some invoices, the longest unchanged first, and the cursor of those after them."""

    invoices: list[Invoice]
    next_cursor: str | None


def read_instant(text: str) -> datetime | None:
    """Return an instant with its zone; nothing for an empty text.

    :raises InstantMalformed: for anything else.
    """
    if not text:
        return None
    try:
        # A plus sign that was not encoded arrives as a blank.
        instant = _in_utc(parse_datetime(text.strip().replace(" ", "+") if "T" in text else ""))
    except (ValueError, OverflowError) as error:
        raise InstantMalformed from error
    if instant is None:
        raise InstantMalformed
    return instant


def read_state(text: str) -> InvoiceState | None:
    """Return a state by its name; nothing for an empty text.

    :raises StateUnknown: for any other.
    """
    try:
        return InvoiceState(text) if text else None
    except ValueError as error:
        raise StateUnknown from error


def list_changes(
    *,
    company: Company,
    software: Software,
    since: datetime | None,
    state: InvoiceState | None,
    cursor: str,
    size: int = PAGE,
) -> Changes:
    """Return a page of the invoices that this software sent for a company and for those that it absorbed.

    An invoice that changes while somebody pages comes again at the end.

    :raises CursorMalformed: when the cursor was not given here.
    """
    absorbed = Company.objects.filter(merged_into=company).values_list("pk", flat=True)
    rows = Invoice.objects.filter(
        Exists(Arrival.objects.filter(invoice=OuterRef("pk"), software=software)),
        company__in=[company.pk, *absorbed],
        changed_at__lt=settled_until(),
    )
    if since is not None:
        rows = rows.filter(changed_at__gte=since)
    if state is not None:
        rows = rows.filter(state=state)
    if cursor:
        rows = rows.filter(_after(*read_cursor(cursor, keys=1)))
    found = list(rows.select_related("company").order_by("changed_at", "pk")[: size + 1])
    page = found[:size]
    return Changes(page, pack_cursor(page[-1].changed_at, page[-1].pk) if len(found) > size else None)


def settled_until() -> datetime:
    """Return until when nothing is still to be committed: a cursor goes no further."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED)
        (instant,) = cursor.fetchone()
    settled: datetime = instant
    return settled


def _after(changed_at: datetime, invoice_id: int) -> Func:
    """Return `(changed_at, id) > (…)`, compared as rows, which the index on both answers at once."""
    here = _as_row(Value(changed_at, output_field=DateTimeField()), Value(invoice_id))
    return Func(
        _as_row(F("changed_at"), F("pk")), here, template="%(expressions)s", arg_joiner=" > ",
        output_field=BooleanField(),
    )  # fmt: skip


def _as_row(*expressions: F | Value) -> Func:
    return Func(*expressions, template="(%(expressions)s)", output_field=BooleanField())


def pack_cursor(at: datetime, *keys: int) -> str:
    """Return the text that stands for a place in a list by instant and keys."""
    packed = json.dumps([at.isoformat(), *keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(cursor: str, *, keys: int) -> tuple[Any, ...]:
    """Return the instant and so many keys that a cursor stands for.

    :raises CursorMalformed: when it was not given by such a list.
    """
    try:
        packed = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        text, *numbers = json.loads(packed)
        at = _in_utc(datetime.fromisoformat(text))
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise CursorMalformed from error
    is_whole = len(numbers) == keys and all(type(number) is int and 0 <= number < 2**63 for number in numbers)
    if at is None or not is_whole:
        raise CursorMalformed
    return at, *numbers


def _in_utc(instant: datetime | None) -> datetime | None:
    """Return an instant as the database takes any, whatever its zone: 19 hours ahead is too far for PostgreSQL.

    :raises OverflowError: when that is before the first year or after the last.
    """
    return instant.astimezone(UTC) if instant is not None and instant.tzinfo is not None else None
