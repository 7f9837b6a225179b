from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.companies.models import BankAccount
from apps.reconciliation.matching import Reason
from apps.reconciliation.suggesting import suggest_for
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement
from tests.factories.wire import credit
from tests.reconciliation.conftest import Bank, Bill

pytestmark = pytest.mark.django_db


def written(amount: str, text: str = "") -> MovementDraft:
    return replace(credit(amount, ""), communication=text, counterparty_name="Klant NV")


def test_what_is_loose_comes_with_its_reason_and_with_the_invoices_that_it_could_pay(
    account: BankAccount, bill: Bill, bank: Bank
) -> None:
    one, other = bill("1", reference=None), bill("2", reference=None)
    bank(written("1210.00"), written("33.00"))
    fitting, strange = Movement.objects.order_by("id")

    found = suggest_for(company_id=account.company_id, movements=[strange, fitting])

    assert [(row.movement, row.payment.loose) for row in found] == [(strange, Decimal(33)), (fitting, Decimal(1210))]
    assert (found[0].decision.reason, dict(found[0].invoices)) == (Reason.NO_EVIDENCE, {})
    assert found[1].invoices == {one.pk: one, other.pk: other}
    assert [s.invoice_ids for s in found[1].decision.suggestions] == [(one.pk,), (other.pk,)]


def test_the_number_of_queries_does_not_grow_with_the_movements(account: BankAccount, bill: Bill, bank: Bank) -> None:
    bill("1", reference=None)
    bill("2", reference=None)
    bank(*(written("1210.00", f"bestelling {n}") for n in range(12)))
    movements = list(Movement.objects.all())

    with CaptureQueriesContext(connection) as few:
        suggest_for(company_id=account.company_id, movements=movements[:1])
    with CaptureQueriesContext(connection) as many:
        suggest_for(company_id=account.company_id, movements=movements)

    assert len(few) == len(many)
    assert suggest_for(company_id=account.company_id, movements=[]) == []
