"""What may have gone back without saying so: looked for when somebody asks, and decided by people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from apps.companies.models import Company
from apps.core.errors import DomainError
from apps.reconciliation.ledger import lock_movements, lock_with_notes
from apps.reconciliation.models import Allocation, Returned
from apps.reconciliation.returns import LONGEST_RETURN, given_credit, is_marked_return, write_return
from apps.reconciliation.rules import Rule
from apps.statements.models import Movement

# Somebody who pays back does so soon; what the bank calls a return may come much later.
_SOON: Final = timedelta(days=60)
_LOOKED_AT: Final = 50


class NotAReturn(DomainError):
    """The debit does not return that payment: another amount, or one of them is the return of something else."""

    code = "not_a_return"
    sentence = _("This payment was not taken back by that: look at it again.")


class PerhapsReturned(NamedTuple):
    """A payment, and money that left later and may have been its return."""

    payment: Movement
    debit: Movement


def find_perhaps_returned(allocations: Sequence[Allocation]) -> list[PerhapsReturned]:
    """Return what may have gone back of the payments that stand among an invoice's allocations, in one query.

    That is the same amount, to the same account, soon after; of a return that several payments fit, each of them.
    """
    over = {row.undoes_id for row in allocations}
    back = {row.reverses_id for row in allocations if row.rule == Rule.REVERSAL and row.pk not in over}
    given = (row for row in allocations if row.amount > 0 and row.rule != Rule.UNDONE and row.pk not in over)
    payments = {row.movement_id: row.movement for row in given if row.movement_id not in back}
    told = [payment for payment in payments.values() if payment.counterparty_iban]
    if not told or told[0].company_id is None:
        return []
    debits = Movement.objects.filter(
        ~Exists(Returned.objects.filter(movement=OuterRef("pk"))),
        company_id=told[0].company_id,
        counterparty_iban__in={payment.counterparty_iban for payment in told},
        amount__in={-payment.amount for payment in told},
        entry_on__gte=min(payment.entry_on for payment in told),
        is_money=True,
    ).order_by("entry_on", "pk")[:_LOOKED_AT]
    return [PerhapsReturned(payment, debit) for debit in debits for payment in told if _may_return(debit, payment)]


def _may_return(debit: Movement, payment: Movement) -> bool:
    longest = LONGEST_RETURN if is_marked_return(debit) else _SOON
    is_alike = (debit.amount, debit.counterparty_iban) == (-payment.amount, payment.counterparty_iban)
    return is_alike and payment.entry_on <= debit.entry_on <= payment.entry_on + longest


@transaction.atomic
def confirm_return(
    *, company: Company, debit_uuid: UUID, payment_uuid: UUID, actor: str, now: datetime
) -> list[Allocation]:
    """Say that a debit returned a payment, as a person decides: invoices give back what they got of it.

    :raises NotAReturn: when they are not the company's, have other amounts, or one of them was a return already.
    """
    own = Movement.objects.filter(company=company, is_money=True, uuid__in=[debit_uuid, payment_uuid])
    ids = set(own.values_list("pk", flat=True))
    lock_with_notes(Allocation.objects.filter(movement__in=ids).values_list("invoice_id", flat=True))
    found = {movement.uuid: movement for movement in lock_movements(ids) if movement.company_id == company.pk}
    debit, payment = found.get(debit_uuid), found.get(payment_uuid)
    if debit is None or payment is None or debit.amount != -payment.amount or debit.amount >= 0:
        raise NotAReturn
    if Returned.objects.filter(movement=debit).exists() or Returned.objects.filter(original=payment).exists():
        raise NotAReturn
    return write_return(debit, given_credit(payment), payment.counterparty_iban, actor=actor, now=now)
