"""What staff decide about held statements."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from apps.companies.models import BankAccount
from apps.core.errors import IllegalTransition, NotFound
from apps.delivery.models import FeedEntry
from apps.events.models import Event
from apps.statements.models import Movement, Statement
from apps.statements.services.held import (
    FirstInUse,
    IdentityTaken,
    NothingStands,
    ReasonMissing,
    StatementReplaced,
    choose_statement,
    release_statement,
    set_statement_aside,
)
from apps.statements.services.intake import import_coda_file, receive_coda_file
from tests.factories import registry
from tests.factories.wire import credit, make_coda

pytestmark = pytest.mark.django_db
REASON = "The bank confirmed the figures by telephone."
STRANGER = "BE68539007547034"


@pytest.fixture
def account(now: datetime) -> BankAccount:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))


def load(content: bytes, now: datetime) -> Statement:
    received = receive_coda_file(content=content, name="bank.cod", actor="test", now=now)
    import_coda_file(coda_file_uuid=received.uuid, now=now)
    return received.statements.get()


def broken(iban: str) -> bytes:
    return make_coda(iban, credit("5.00"), credit("-1.00", "")).replace(b"000000001004000", b"000000001009000")


def events_of(statement: Statement) -> list[str]:
    return list(Event.objects.filter(subject_uuid=statement.uuid).order_by("id").values_list("name", flat=True))


def decide(service: Callable[..., Statement], statement: Statement, now: datetime, reason: str = REASON) -> Statement:
    return service(statement_uuid=statement.uuid, reason=reason, actor="staff:1", now=now)


def test_a_released_statement_counts_with_its_movements_and_keeps_its_findings(
    now: datetime, account: BankAccount, run_reactions: Callable[[], int]
) -> None:
    held = load(broken(account.iban), now)

    released = decide(release_statement, held, now)
    run_reactions()

    assert (released.state, released.account) == ("imported", account)
    assert (released.decided_by, released.decision_reason) == ("staff:1", REASON)
    amounts = released.movements.order_by("ordinal").values_list("amount", "company_id")
    assert list(amounts) == [(Decimal("5.000"), account.company_id), (Decimal("-1.000"), account.company_id)]
    assert released.findings.get().code == "balance_mismatch"
    assert events_of(held) == ["statement.held", "statement.released", "statement.imported"]
    assert FeedEntry.objects.filter(statement=held).count() == 1, "the office has it"


def test_a_statement_of_an_unknown_account_is_released_to_wait_for_it(now: datetime) -> None:
    held = load(broken(STRANGER), now)

    released = decide(release_statement, held, now)

    assert (released.state, released.account, released.movements.count()) == ("unrouted", None, 2)


@pytest.mark.parametrize("reason", ["", "ok", "it is"])
def test_without_a_reason_nothing_is_decided(now: datetime, account: BankAccount, reason: str) -> None:
    held = load(broken(account.iban), now)

    with pytest.raises(ReasonMissing):
        decide(release_statement, held, now, reason)

    held.refresh_from_db()
    assert (held.state, held.decided_at, Movement.objects.count()) == ("held", None, 0)
    assert events_of(held) == ["statement.held"]


def test_what_was_replaced_or_is_not_held_or_not_there_is_not_released(now: datetime, account: BankAccount) -> None:
    held = load(broken(account.iban), now)
    whole = load(make_coda(account.iban, credit("5.00"), credit("-1.00", "")), now)

    with pytest.raises(StatementReplaced):
        decide(release_statement, held, now)
    with pytest.raises(IllegalTransition):
        decide(release_statement, whole, now)
    with pytest.raises(NotFound):
        release_statement(statement_uuid=uuid4(), reason=REASON, actor="staff:1", now=now)

    assert Movement.objects.count() == 2


def test_the_second_of_an_identity_is_not_released_beside_the_first(now: datetime, account: BankAccount) -> None:
    load(make_coda(account.iban, credit("5.00")), now)
    second = load(make_coda(account.iban, credit("6.00")), now)

    with pytest.raises(IdentityTaken):
        decide(release_statement, second, now)

    assert Movement.objects.get().amount == Decimal("5.000")


def test_the_second_is_chosen_while_nothing_has_come_out_of_the_first(
    now: datetime, account: BankAccount, run_reactions: Callable[[], int]
) -> None:
    first = load(make_coda(account.iban, credit("5.00")), now)
    second = load(make_coda(account.iban, credit("6.00")), now)

    chosen = decide(choose_statement, second, now)
    run_reactions()

    first.refresh_from_db()
    assert (first.state, first.replaced_by, chosen.state) == ("held", chosen, "imported")
    counting = Movement.objects.filter(company=account.company)
    assert [movement.amount for movement in counting] == [Decimal("6.000")]
    assert list(FeedEntry.objects.values_list("statement", flat=True)) == [chosen.pk]
    assert events_of(first) == ["statement.imported", "statement.replaced"]
    assert events_of(second) == ["statement.held", "statement.chosen", "statement.imported"]


def test_the_first_stays_once_a_feed_lists_it(
    now: datetime, account: BankAccount, run_reactions: Callable[[], int]
) -> None:
    first = load(make_coda(account.iban, credit("5.00")), now)
    run_reactions()
    second = load(make_coda(account.iban, credit("6.00")), now)

    with pytest.raises(FirstInUse):
        decide(choose_statement, second, now)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, Movement.objects.count()) == ("imported", "held", 1)
    assert events_of(second) == ["statement.held"]


def test_staff_set_the_second_aside_and_then_it_is_done_with(now: datetime, account: BankAccount) -> None:
    first = load(make_coda(account.iban, credit("5.00")), now)
    second = load(make_coda(account.iban, credit("6.00")), now)

    decided = decide(set_statement_aside, second, now)

    assert (decided.state, decided.replaced_by, decided.is_undecided) == ("held", first, False)
    assert events_of(second) == ["statement.held", "statement.set_aside"]
    with pytest.raises(StatementReplaced):
        decide(choose_statement, second, now)


def test_where_no_first_stands_there_is_nothing_to_choose_over(now: datetime, account: BankAccount) -> None:
    held = load(broken(account.iban), now)

    for service in (choose_statement, set_statement_aside):
        with pytest.raises(NothingStands):
            decide(service, held, now)

    assert events_of(held) == ["statement.held"]


def test_staff_decide_on_a_page_that_shows_the_findings_and_refuses_without_a_reason(
    now: datetime, account: BankAccount, client: Client
) -> None:
    held = load(broken(account.iban), now)
    client.force_login(registry.make_user("staf@example.be", is_staff=True, language="en"))
    address = reverse("admin:statements_statement_decide", args=[held.pk])

    assert "balance_mismatch" in client.get(address).content.decode()
    assert address in client.get(reverse("admin:statements_statement_change", args=[held.pk])).content.decode()
    refused = client.post(address, {"decision": "release", "reason": "ok"}).content.decode()
    assert "Give the reason in a few words" in refused
    done = client.post(address, {"decision": "release", "reason": REASON}, follow=True).content.decode()

    held.refresh_from_db()
    assert held.state == "imported"
    assert REASON in done
    assert "nothing to decide" in client.get(address).content.decode()
    assert client.get(reverse("admin:statements_statement_decide", args=[10**9])).status_code == 404
