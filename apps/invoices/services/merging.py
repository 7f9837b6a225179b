"""Sales invoices, once two companies are one: every number stands for one invoice."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.companies.merging.movers import Merge, Mover, Obstacle
from apps.companies.models import Company
from apps.invoices.models import Arrival, Invoice
from apps.invoices.rules import InvoiceState

SHOWN: Final = 20


def find_obstacles(survivor: Company, absorbed: Company) -> Sequence[Obstacle]:
    """Return the invoice numbers that both companies have: only staff can tell which of the two documents counts."""
    numbers = list(_in_both(survivor, absorbed).order_by("issue_year", "number").values_list("number", flat=True))
    if not numbers:
        return ()
    shown = numbers[:SHOWN] + (["…"] if len(numbers) > SHOWN else [])
    sentence = _("Both companies sent a document with the same number in the same year:")
    return (Obstacle("invoice_in_both", sentence, tuple(shown), is_waived_by_copies=True),)


def move(merge: Merge) -> None:
    """Move invoices and arrivals; copies that are left behind stay with their arrivals and deliveries."""
    left_behind = list(_in_both(merge.survivor, merge.absorbed).values_list("pk", flat=True))
    moving = Invoice.objects.filter(company=merge.absorbed).exclude(pk__in=left_behind)
    # Matching locks several invoices in the order of their ids.
    list(moving.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    moving.update(company=merge.survivor)
    arrivals = Arrival.objects.filter(company=merge.absorbed)
    arrivals.filter(Q(invoice=None) | ~Q(invoice__in=left_behind)).update(company=merge.survivor)


def _in_both(survivor: Company, absorbed: Company) -> QuerySet[Invoice]:
    """Return the absorbed company's invoices whose identity the survivor has too; rejected ones hold no number."""
    standing = Invoice.objects.exclude(state=InvoiceState.REJECTED)
    same = standing.filter(
        company=survivor,
        document_type=OuterRef("document_type"),
        number=OuterRef("number"),
        issue_year=OuterRef("issue_year"),
    )
    return standing.filter(Exists(same), company=absorbed)


MOVER: Final = Mover(kinds={Invoice: "company", Arrival: "company"}, move=move, find_obstacles=find_obstacles)
