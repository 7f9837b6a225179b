"""The money that a software may see of its company: what came in and was taken back, as far as it is not another's.

Listed by the moment since which a statement counts, then as the bank has it; what is not yet committed is left for the
next call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.companies.models import Company
from apps.invoices.changes import pack_cursor, read_cursor, settled_until
from apps.invoices.models import Arrival
from apps.reconciliation.models import Allocation, LooseMoney, Returned
from apps.reconciliation.selectors import list_open_amounts
from apps.reconciliation.suggesting import suggest_for
from apps.statements.models import Movement, Statement
from apps.statements.rules import StatementState
from apps.tokens.models import Software

PAGE: Final = 100
_COUNTS_SINCE: Final = Coalesce("counted_at", "stored_at")
_COUNTS_SINCE_OF_MOVEMENT: Final = Coalesce("statement__counted_at", "statement__stored_at")
_ORDER: Final = ("since", "statement_id", "ordinal")
# Behind every movement of a statement.
_LAST_ORDINAL: Final = 2**31 - 1
# So many statements are looked through at a time; a page whose statements have little to show is a short one.
STATEMENTS: Final = 500


@dataclass(frozen=True, slots=True)
class Proposal:
    """An invoice that a movement could pay, with the amount that would be for it."""

    invoice: Any
    amount: Decimal
    score: int


@dataclass(frozen=True, slots=True)
class Received:
    """A movement, with its allocations to invoices that the software sent, and what it could pay of those."""

    movement: Movement
    allocations: list[Allocation]
    proposals: list[Proposal]


@dataclass(frozen=True, slots=True)
class ReceivedPage:
    """Some movements, and the cursor of those after them."""

    rows: list[Received]
    next_cursor: str | None


def list_received(
    *,
    company: Company,
    software: Software,
    since: datetime | None,
    cursor: str,
    sees_everything: bool = False,
    size: int = PAGE,
) -> ReceivedPage:
    """Return a page of the credits of a company and of what took them back, with a fixed number of queries.

    Left out is what is wholly given to invoices that the software did not send; such allocations are left out of the
    others. A software that `sees_everything` gets every movement, with all that they paid and could pay. A page may be
    short while others follow.

    :raises CursorMalformed: when the cursor was not given here.
    """
    at, statement_id, ordinal = read_cursor(cursor, keys=2) if cursor else (None, 0, 0)
    statements = _next_statements(company, since, at, statement_id)
    shown = statements[:STATEMENTS]
    rows = Movement.objects.filter(company=company, statement__in=[row.pk for row in shown])
    if not sees_everything:
        rows = rows.filter(_is_seen_by(software))
    if at is not None:
        rows = rows.exclude(statement=statement_id, ordinal__lte=ordinal)
    places = {row.pk: (row.since, row.pk) for row in shown}
    found = list(
        rows.select_related("statement").annotate(since=_COUNTS_SINCE_OF_MOVEMENT).order_by(*_ORDER)[: size + 1]
    )
    page = found[:size]
    next_cursor = None
    if len(found) > size:
        next_cursor = pack_cursor(*places[page[-1].statement_id], page[-1].ordinal)
    elif len(statements) > STATEMENTS:
        next_cursor = pack_cursor(*places[shown[-1].pk], _LAST_ORDINAL)
    return ReceivedPage(_with_matches(company, None if sees_everything else software, page), next_cursor)


def _next_statements(company: Company, since: datetime | None, at: datetime | None, statement_id: int) -> list[Any]:
    """Return the statements from a place on, by since when they count, and one more than are looked through."""
    counting = Statement.objects.filter(account__company=company, state=StatementState.IMPORTED)
    counting = counting.annotate(since=_COUNTS_SINCE).filter(since__lt=settled_until())
    if since is not None:
        counting = counting.filter(since__gte=since)
    if at is not None:
        counting = counting.filter(Q(since__gt=at) | Q(since=at, pk__gte=statement_id))
    return list(counting.only("pk").order_by("since", "pk")[: STATEMENTS + 1])


def _is_seen_by(software: Software) -> Q:
    """Return what keeps the credits that are not another's, and the debits that took such a credit back."""
    credit = Q(amount__gt=0) & (
        ~Exists(Allocation.objects.filter(movement=OuterRef("pk")))
        | Exists(_of_own(software).filter(movement=OuterRef("pk")))
        | Exists(LooseMoney.objects.filter(movement=OuterRef("pk")))
    )
    returned = Returned.objects.filter(movement=OuterRef("pk"))
    given = Allocation.objects.filter(movement=OuterRef("original"))
    own = _of_own(software).filter(movement=OuterRef("original"))
    return credit | Q(Exists(returned.filter(~Exists(given) | Exists(own))), amount__lt=0)


def _of_own(software: Software) -> QuerySet[Allocation]:
    return Allocation.objects.filter(invoice__arrivals__software=software)


def _with_matches(company: Company, software: Software | None, page: Sequence[Movement]) -> list[Received]:
    """Return movements with what they paid and could pay of the invoices that a software sent, or of all."""
    proposals = _proposals(company, software, [movement for movement in page if movement.amount > 0])
    given: dict[int, list[Allocation]] = {}
    rows = Allocation.objects.filter(movement__in=page).select_related("invoice").order_by("pk")
    if software is not None:
        rows = rows.filter(Exists(Arrival.objects.filter(invoice=OuterRef("invoice"), software=software)))
    for row in rows:
        given.setdefault(row.movement_id, []).append(row)
    return [Received(movement, given.get(movement.pk, []), proposals.get(movement.pk, [])) for movement in page]


def _proposals(
    company: Company, software: Software | None, credits_in: Sequence[Movement]
) -> dict[int, list[Proposal]]:
    """Return what credits could pay of the invoices that a software sent, or of all, likeliest first, each once."""
    looked = suggest_for(company_id=company.pk, movements=credits_in)
    invoices = {pk: invoice for row in looked for pk, invoice in row.invoices.items()}
    own = set(invoices)
    if software is not None and invoices:
        sent = Arrival.objects.filter(invoice__in=invoices, software=software)
        own = set(sent.values_list("invoice", flat=True))
    still_open = list_open_amounts(invoices.values())
    found: dict[int, list[Proposal]] = {}
    for row in looked:
        proposed: dict[int, Proposal] = {}
        for suggestion in row.decision.suggestions:
            if own.issuperset(suggestion.invoice_ids):
                for pk, amount in suggestion.shares(still_open).items():
                    proposed.setdefault(pk, Proposal(row.invoices[pk], amount, suggestion.score))
        found[row.movement.pk] = list(proposed.values())
    return found
