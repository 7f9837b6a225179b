"""The plain case, many at once: a payment that says nothing but a reference, and exactly what its one invoice wants.

It is the first rule of `matching` where nothing could speak against it, told in SQL: nine of ten payments with a
reference are of this kind, and cost what writing them costs. Everything else is left to the rules.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection, transaction

from apps.core.arrays import array_of
from apps.invoices.rules import PaymentState
from apps.invoices.services.judgement import PaymentChange, set_payment_states
from apps.reconciliation.gathering import NOT_CUSTOMERS
from apps.reconciliation.ledger import Given, write_given
from apps.reconciliation.rules import SYSTEM, Rule

# An open invoice alone with its reference, whatever its state, and a whole payment that has it and no word beside it.
# Of two such payments none is plain: the second one pays again. A loose one has been looked at, or taken back.
_FIND: Final = """
WITH payment AS (
    SELECT movement.id, movement.company_id, movement.amount, movement.currency, movement.counterparty_iban,
           movement.structured_communication AS reference,
           count(*) OVER (PARTITION BY movement.company_id, movement.structured_communication) AS with_it
    FROM statements_movement movement
    WHERE movement.{which} = ANY(%s) AND movement.is_money AND movement.amount > 0 AND movement.company_id IS NOT NULL
      AND movement.structured_communication <> '' AND movement.communication = '' AND movement.customer_reference = ''
      AND movement.transaction_code !~ %s
      AND NOT EXISTS (SELECT FROM reconciliation_allocation held WHERE held.movement_id = movement.id)
      AND NOT EXISTS (SELECT FROM reconciliation_loosemoney loose WHERE loose.movement_id = movement.id)
      AND NOT EXISTS (SELECT FROM reconciliation_returned gone WHERE gone.original_id = movement.id)
)
SELECT payment.id, invoice.id, payment.amount, payment.reference, invoice.uuid::text, company.uuid::text
FROM payment
JOIN invoices_invoice invoice
  ON invoice.company_id = payment.company_id AND invoice.structured_communication = payment.reference
 AND invoice.structured_communication <> '' AND invoice.state = 'accepted'
JOIN companies_company company ON company.id = payment.company_id
WHERE payment.with_it = 1 AND invoice.document_type = 'invoice' AND invoice.payment_state = 'open'
  AND invoice.payable_amount = payment.amount AND invoice.currency = payment.currency AND invoice.set_off_amount = 0
  AND NOT EXISTS (
      SELECT FROM invoices_invoice other
      WHERE other.company_id = invoice.company_id AND other.structured_communication = invoice.structured_communication
        AND other.structured_communication <> '' AND other.state = 'accepted' AND other.document_type = 'invoice'
        AND other.id <> invoice.id)
  AND NOT EXISTS (SELECT FROM reconciliation_allocation held WHERE held.invoice_id = invoice.id)
  AND NOT EXISTS (
      SELECT FROM reconciliation_ruledout never
      WHERE never.company_id = payment.company_id AND never.account = payment.counterparty_iban
        AND never.ended_at IS NULL
        AND never.customer = coalesce(nullif(invoice.customer_number, ''), invoice.customer_name))
"""
_LOCK: Final = "SELECT FROM {table} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


class Plain(NamedTuple):
    """A payment and the one invoice that it pays in full; the UUIDs as text, as they are only passed on."""

    movement_id: int
    invoice_id: int
    amount: Decimal
    reference: str
    invoice_uuid: str
    company_uuid: str


@transaction.atomic
def pay_by_reference(*, statement_ids: Sequence[int], now: datetime) -> int:
    """Give every plain payment of some statements to its invoice; returns how many.

    What is found is found again under the locks, invoices first: somebody may have given of either meanwhile.
    """
    found = _find("statement_id", list(statement_ids))
    if not found:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format(table="invoices_invoice"), [array_of(each.invoice_id for each in found)])
        cursor.execute(_LOCK.format(table="statements_movement"), [array_of(each.movement_id for each in found)])
    plain = _find("id", [each.movement_id for each in found])
    # Another that has its reference may be in the statements, and not among what was found.
    wanted = {(each.movement_id, each.invoice_id) for each in found}
    plain = [each for each in plain if (each.movement_id, each.invoice_id) in wanted]
    if plain:
        _write(plain, now)
    return len(plain)


def _find(which: str, ids: list[int]) -> list[Plain]:
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(which=which), [array_of(ids), f"^(?:{NOT_CUSTOMERS})"])
        return [Plain(*row) for row in cursor.fetchall()]


def _write(plain: Sequence[Plain], now: datetime) -> None:
    rule = Rule.STRUCTURED_COMMUNICATION.value
    given = [Given(each.movement_id, each.invoice_id, each.amount, rule, each.reference) for each in plain]
    write_given(given, now=now)
    changes = [
        PaymentChange(each.invoice_id, each.invoice_uuid, each.company_uuid, PaymentState.OPEN, PaymentState.PAID)
        for each in plain
    ]
    set_payment_states(changes=changes, actor=SYSTEM, now=now)
