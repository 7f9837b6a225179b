"""What the companies app itself moves: numbers, the address on file, accounts, members."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from apps.companies.merging.movers import Merge, Mover, Obstacle
from apps.companies.models import BankAccount, Company, CompanyMember, CompanyNumber, ContactEmail, LegalHold
from apps.companies.rules import ContactState, MemberRole, NumberKind, higher_role, is_better_contact
from apps.users.models import MailedLink

CONTACT_FIELDS: Final = ("address", "state", "on_file_at", "verified_at", "undeliverable_at")


def find_obstacles(survivor: Company, absorbed: Company) -> Sequence[Obstacle]:
    """Return what the numbers say against it: a former number finds one company only."""
    numbers = [absorbed.enterprise_number, *absorbed.further_numbers.values_list("number", flat=True)]
    of_third = (
        CompanyNumber.objects.filter(number__in=numbers, kind=NumberKind.FORMER)
        .exclude(company__in=[survivor, absorbed])
        .order_by("number")
        .values_list("number", flat=True)
    )
    if not of_third:
        return ()
    sentence = _("A third company had one of the numbers before. Merge or correct that company first:")
    return (Obstacle("number_of_third_company", sentence, tuple(of_third)),)


def move(merge: Merge) -> None:
    """Move the rows of this app; the absorbed company's number becomes a former one of the survivor."""
    _move_numbers(merge)
    _move_contact(merge)
    accounts = BankAccount.objects.filter(company=merge.absorbed)
    list(accounts.select_for_update(of=("self",), no_key=True).order_by("pk"))
    accounts.update(company=merge.survivor)
    _move_holds(merge)
    _move_members(merge)
    _move_links(merge)


def _move_numbers(merge: Merge) -> None:
    """Keep every number once: a key needs no second row, and a former number beats the same one of a VAT unit."""
    survivor, absorbed = merge.survivor, merge.absorbed
    absorbed.further_numbers.filter(number__in=[survivor.enterprise_number, absorbed.enterprise_number]).delete()
    known = {row.number: row for row in survivor.further_numbers.all()}
    for row in absorbed.further_numbers.all():
        same = known.get(row.number)
        if same is None:
            row.company = survivor
            row.save(update_fields=["company"])
            continue
        row.delete()
        if row.kind == NumberKind.FORMER:
            same.kind, same.valid_until = NumberKind.FORMER, row.valid_until
            same.save(update_fields=["kind", "valid_until"])
    CompanyNumber.objects.update_or_create(
        company=survivor,
        number=absorbed.enterprise_number,
        defaults={"kind": NumberKind.FORMER, "valid_until": merge.valid_until},
    )


def _move_holds(merge: Merge) -> None:
    """Hold the survivor when either was held; where both are, the absorbed company's hold stays with it as history."""
    holds = LegalHold.objects.filter(company=merge.absorbed)
    if LegalHold.objects.filter(company=merge.survivor, lifted_at=None).exists():
        holds = holds.exclude(lifted_at=None)
    holds.update(company=merge.survivor)


def _move_contact(merge: Merge) -> None:
    """Leave the survivor the better address; the other one stays with the absorbed company, as history."""
    locked = ContactEmail.objects.select_for_update(of=("self",), no_key=True)
    found = {row.company_id: row for row in locked.filter(company__in=[merge.survivor, merge.absorbed]).order_by("pk")}
    own, other = found.get(merge.survivor.pk), found.get(merge.absorbed.pk)
    if other is None:
        return
    if own is None:
        other.company = merge.survivor
        other.save(update_fields=["company"])
    elif is_better_contact(ContactState(other.state), ContactState(own.state)):
        for name in CONTACT_FIELDS:
            mine, theirs = getattr(own, name), getattr(other, name)
            setattr(own, name, theirs)
            setattr(other, name, mine)
        ContactEmail.objects.bulk_update([own, other], CONTACT_FIELDS)


def _move_members(merge: Merge) -> None:
    """Give each person the higher of their roles, since the earlier of the two days."""
    standing = {member.user_id: member for member in merge.survivor.members.all()}
    for member in merge.absorbed.members.order_by("pk"):
        same = standing.get(member.user_id)
        if same is None:
            member.company = merge.survivor
            member.save(update_fields=["company"])
            continue
        same.role = higher_role(MemberRole(same.role), MemberRole(member.role))
        same.since = min(same.since, member.since)
        same.save(update_fields=["role", "since"])
        member.delete()


def _move_links(merge: Merge) -> None:
    """Let an invitation or a first member's link lead to the survivor; of two for one address the survivor's stays."""
    ids = list(MailedLink.objects.open().filter(subject_uuid=merge.absorbed.uuid).values_list("pk", flat=True))
    moved = MailedLink.objects.filter(pk__in=ids)
    standing = MailedLink.objects.open().filter(
        subject_uuid=merge.survivor.uuid, purpose=OuterRef("purpose"), address__iexact=OuterRef("address")
    )
    moved.filter(Exists(standing)).update(replaced_at=merge.now)
    moved.update(subject_uuid=merge.survivor.uuid)


MOVER: Final = Mover(
    kinds={
        CompanyNumber: "company",
        ContactEmail: "company",
        BankAccount: "company",
        CompanyMember: "company",
        LegalHold: "company",
    },
    move=move,
    find_obstacles=find_obstacles,
)
