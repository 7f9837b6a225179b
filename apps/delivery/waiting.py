"""Accepted invoices of whose day no accounting office was known: delivered by themselves once one is."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounting_offices.models import ClientLink
from apps.companies.models import Company
from apps.delivery.services import fan_out_invoices
from apps.invoices.models import UNDELIVERED, Invoice

BATCH: Final = 200


def deliver_waiting_of_company(*, company_uuid: UUID, now: datetime) -> int:
    """Deliver the invoices of a company that waited for the office of their day; returns the deliveries made.

    In batches that stand by themselves; what was delivered is not touched, so running it again makes none.
    """
    return _deliver(Invoice.objects.filter(company__uuid=company_uuid), now)


def deliver_waiting_of_office(*, office_uuid: UUID, now: datetime) -> int:
    """Do the same for every client of an office whose links were written many at once."""
    clients = Company.objects.filter(client_links__office__uuid=office_uuid, client_links__starts_on__isnull=False)
    companies = clients.filter(Exists(Invoice.objects.filter(UNDELIVERED, company=OuterRef("pk")))).distinct()
    uuids = list(companies.order_by("pk").values_list("uuid", flat=True))
    return sum(deliver_waiting_of_company(company_uuid=uuid, now=now) for uuid in uuids)


def _deliver(invoices: QuerySet[Invoice], now: datetime) -> int:
    made, last = 0, 0
    waiting = invoices.filter(UNDELIVERED).filter(Exists(_link_of_its_day())).order_by("pk")
    while batch := list(waiting.filter(pk__gt=last).values_list("pk", "uuid")[:BATCH]):
        last = batch[-1][0]
        made += fan_out_invoices(invoice_uuids=[uuid for _pk, uuid in batch], now=now)
    return made


def _link_of_its_day() -> QuerySet[ClientLink]:
    """Return the link that holds an invoice's day; a merged company's invoices follow the company that goes on."""
    of_company = Q(company=OuterRef("company")) | Q(company=OuterRef("company__merged_into"))
    return ClientLink.objects.holding(OuterRef("issue_date")).filter(of_company)
