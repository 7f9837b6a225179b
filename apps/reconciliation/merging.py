"""What two companies that become one do about their money: what is loose and what was said follow the survivor."""

from typing import Final

from apps.companies.merging.movers import Merge, Mover
from apps.reconciliation.models import LooseMoney, MatchingChoice, RuledOut


def move(merge: Merge) -> None:
    """Move loose money and payers ruled out; the survivor's own choices stand."""
    LooseMoney.objects.filter(company=merge.absorbed).update(company=merge.survivor)
    said = RuledOut.objects.filter(company=merge.survivor, ended_at=None).values_list("account", "customer")
    known = set(said)
    for row in RuledOut.objects.filter(company=merge.absorbed).order_by("pk"):
        if row.ended_at is None and (row.account, row.customer) in known:
            row.ended_at, row.ended_by = merge.now, merge.actor
        row.company = merge.survivor
        row.save(update_fields=["company", "ended_at", "ended_by"])
    if MatchingChoice.objects.filter(company=merge.survivor).exists():
        MatchingChoice.objects.filter(company=merge.absorbed).delete()
    else:
        MatchingChoice.objects.filter(company=merge.absorbed).update(company=merge.survivor)


MOVER: Final = Mover(
    kinds={LooseMoney: "company", RuledOut: "company", MatchingChoice: "company"},
    move=move,
)
