"""Queueing documents for destinations: as they come in, again, or of a period. The row is the queue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.delivery.models import Delivery, Destination
from apps.delivery.routing import COUNTING, choose_destinations, find_destinations
from apps.delivery.rules import Channel, DeliveryState, Occasion
from apps.invoices.models import Invoice

_UNDER_WAY: Final = frozenset({DeliveryState.PENDING, DeliveryState.FAILED})


def queue_pushes(*, invoices: Sequence[Invoice], company: Company, office: AccountingOffice, now: datetime) -> int:
    """Queue a company's versions in force for every destination that counts; running it again queues nothing more.

    One query when there are none. The sweep sends what is queued, within seconds.
    """
    chosen, _replaced = find_destinations(office=office, company=company)
    rows = [
        _new_delivery(invoice, destination, Occasion.ARRIVAL, 0, now) for invoice in invoices for destination in chosen
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@transaction.atomic
def push_again(
    *,
    invoices: Sequence[Invoice],
    office: AccountingOffice,
    now: datetime,
    destination: Destination | None = None,
    occasion: Occasion = Occasion.AGAIN,
) -> int:
    """Send the versions in force again, to every destination that counts for each client, or to the given one.

    What is still on its way to a destination is not queued there a second time; with `BACKFILL`, nor is what was
    delivered there. Returns the deliveries made, after a fixed number of queries; who asked is the caller's to record.
    """
    places = _places(office, {invoice.company_id for invoice in invoices}, destination)
    known = _known(invoices, places)
    rows = []
    for invoice in invoices:
        for place in places[invoice.company_id]:
            copies = known.get((invoice.pk, place.pk, invoice.version), [])
            if any(_stands_in_the_way(copy, occasion) for copy in copies):
                continue
            number = 1 + max((copy.copy for copy in copies), default=-1)
            rows.append(_new_delivery(invoice, place, occasion, number, now))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _stands_in_the_way(copy: Delivery, occasion: Occasion) -> bool:
    """Tell whether a document need not be queued beside this one: one that was given up is no obstacle."""
    is_given_up = copy.state == DeliveryState.FAILED and copy.due_at is None and copy.mailing_id is None
    is_under_way = copy.state in _UNDER_WAY and not is_given_up
    return is_under_way or (occasion is Occasion.BACKFILL and copy.state == DeliveryState.DELIVERED)


def _places(
    office: AccountingOffice, company_ids: set[int], destination: Destination | None
) -> dict[int, list[Destination]]:
    if destination is not None:
        return {company_id: [destination] for company_id in company_ids}
    rows = Destination.objects.filter(Q(company=None) | Q(company__in=company_ids), office=office, state__in=COUNTING)
    found = list(rows.order_by("id"))
    return {
        company_id: choose_destinations(row for row in found if row.company_id in {None, company_id})[0]
        for company_id in company_ids
    }


def _known(
    invoices: Sequence[Invoice], places: dict[int, list[Destination]]
) -> dict[tuple[int, int | None, int], list[Delivery]]:
    pushed = Delivery.objects.filter(
        invoice__in=[invoice.pk for invoice in invoices],
        destination__in={place.pk for chosen in places.values() for place in chosen},
    )
    known: dict[tuple[int, int | None, int], list[Delivery]] = {}
    for row in pushed:
        known.setdefault((row.invoice_id, row.destination_id, row.version), []).append(row)
    return known


def _new_delivery(invoice: Invoice, destination: Destination, occasion: Occasion, copy: int, now: datetime) -> Delivery:
    """Return a delivery of the version in force. One for a daily message waits for it: it is due at no instant."""
    return Delivery(
        uuid=uuid4(),
        invoice=invoice,
        office_id=destination.office_id,
        channel=destination.channel,
        destination=destination,
        version=invoice.version,
        copy=copy,
        occasion=occasion,
        state=DeliveryState.PENDING,
        state_at=now,
        queued_at=now,
        due_at=None if destination.channel == Channel.EMAIL_DAILY else now,
    )
