"""Two companies with software, invoices and money become one while everything goes on around them."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction

from apps.accounting_offices.models import ClientLink
from apps.companies.merging.movers import load_movers
from apps.companies.models import Company, ContactEmail
from apps.core.errors import DomainError, IllegalTransition
from apps.delivery import feeding
from apps.delivery import services as delivery
from apps.delivery.models import Feed
from apps.events.models import PendingReaction
from apps.events.services import run_reaction
from apps.events.tasks import call_task
from apps.invoices.models import Arrival, Invoice
from apps.invoices.services.intake import Upload, receive_invoice
from apps.statements.models import Statement
from apps.tokens.models import Connection
from apps.tokens.services import exchange, requests
from apps.tokens.services.connections import resume_connection, suspend_connection
from tests.factories import registry
from tests.factories.mergers import bank, count_rows, fill, make_side, make_twins, merge, token_of
from tests.factories.wire import credit, make_document

# Rows that stay with a merged company, as its history.
HISTORY = {ContactEmail, ClientLink, Feed}
THREADS, STEPS, ENDING = 6, 14, 4


@pytest.mark.django_db
def test_after_a_merge_both_logins_send_and_read_and_nothing_is_lost(
    now: datetime, run_reactions: Callable[[], int]
) -> None:
    twins = make_twins(now)
    run_reactions()
    mine = fill(twins.survivor, now, run_reactions, number="A1", statement=1)
    theirs = fill(twins.absorbed, now, run_reactions, number="B1", statement=11)
    apart = frozenset({"events.event", "events.pendingreaction", "companies.companynumber", "delivery.feedentry"})
    before = count_rows(without=apart)

    merge(now, twins.survivor.company, twins.absorbed.company)
    run_reactions()

    assert count_rows(without=apart) == before
    bank(twins.survivor.account, now, number=2)
    bank(twins.absorbed.account, now, number=12)
    run_reactions()
    for side in (twins.survivor, twins.absorbed):
        assert side.software.get("connection/").json()["company"]["name"] == "Blijft"
        for invoice in (mine, theirs):
            assert side.software.get(f"sales-invoices/{invoice}/").json()["state"] == "accepted"
        listed = [entry["metadata"]["first_statement_number"] for entry in side.software.entries()]
        assert listed == [1, 11, 2, 12]
        old = make_document(side.company, number=f"N{side.company.pk}", issue_date=date(2026, 11, 24))
        assert side.software.upload(old).status_code == 201
        assert side.software.upload(
            make_document(twins.survivor.company, number=f"M{side.company.pk}")
        ).status_code in {
            200,
            201,
        }
    run_reactions()
    assert set(Invoice.objects.values_list("company__name", "state")) == {("Blijft", "accepted")}
    assert not PendingReaction.objects.exists()


@pytest.mark.django_db
def test_money_of_one_pays_the_invoice_of_the_other_once_they_are_one(
    now: datetime, run_reactions: Callable[[], int]
) -> None:
    twins = make_twins(now)
    bank(twins.absorbed.account, now, credit("1210.00"), number=1)
    twins.survivor.software.upload(make_document(twins.survivor.company))
    run_reactions()
    apart = Invoice.objects.get().payment_state

    merge(now, twins.survivor.company, twins.absorbed.company)
    run_reactions()

    assert (apart, Invoice.objects.get().payment_state) == ("open", "paid")


@pytest.mark.django_db
def test_what_the_worker_still_owed_for_the_absorbed_company_is_done_for_the_survivor(
    now: datetime, run_reactions: Callable[[], int]
) -> None:
    twins = make_twins(now)
    run_reactions()
    twins.absorbed.software.upload(make_document(twins.absorbed.company))
    bank(twins.absorbed.account, now, number=1)

    merge(now, twins.survivor.company, twins.absorbed.company)
    run_reactions()

    invoice = Invoice.objects.get()
    assert (invoice.company, invoice.state, invoice.deliveries.count()) == (twins.survivor.company, "accepted", 2)
    assert len(twins.survivor.software.entries()) == 1
    assert not PendingReaction.objects.exists()


@pytest.mark.django_db
def test_an_upload_whose_login_was_checked_before_the_merge_is_the_survivors(now: datetime) -> None:
    twins = make_twins(now)
    software, company = twins.key.software, Company.objects.get(pk=twins.absorbed.company.pk)
    parcels = [
        Upload(company=company, software=software, document=content, pdf=None)
        for content in (make_document(company), b"<nonsense/>")
    ]
    merge(now, twins.survivor.company, company)

    receive_invoice(upload=parcels[0], actor="t", now=now)
    with pytest.raises(DomainError):
        receive_invoice(upload=parcels[1], actor="t", now=now)

    assert set(Arrival.objects.values_list("company", flat=True)) == {twins.survivor.company.pk}
    assert Invoice.objects.get().company == twins.survivor.company


def wait_until_it_waits(work: "Future[object]") -> None:
    """Return once the work waits for a lock that this session holds, or has ended without waiting."""
    with connection.cursor() as cursor:
        waits = False
        while not waits and not work.done():
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))")
            waits = bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["poll", "upload", "rejected upload", "exchange", "ask", "bank"])
def test_what_waits_for_a_merge_goes_on_for_the_survivor(
    now: datetime, run_reactions: Callable[[], int], settings: Any, action: str
) -> None:
    settings.TOKEN_MAILS_PER_HOUR = 10
    office, key = registry.make_office(now), registry.make_software(now)
    survivor, absorbed = make_side(now, office, key, "Blijft"), make_side(now, office, key, "Eindigt")
    run_reactions()
    # A pair that has not been used yet, and a token that has not been exchanged.
    outcome = requests.request_connection(
        software=key.software, vat=absorbed.company.enterprise_number, actor="t", now=now
    )
    document = make_document(absorbed.company, issue_date=date(2026, 11, 20))
    parcel = Upload(company=absorbed.company, software=key.software, document=document, pdf=None)
    broken = replace(parcel, document=b"<nonsense/>")
    bank(absorbed.account, now, number=7)
    actions: dict[str, Callable[[], object]] = {
        "poll": lambda: absorbed.software.get("connection/"),
        "upload": lambda: receive_invoice(upload=parcel, actor="t", now=now),
        "rejected upload": lambda: refused(lambda: receive_invoice(upload=broken, actor="t", now=now)),
        "exchange": lambda: exchange.exchange_token(
            software=key.software, text=token_of(outcome.token), actor="t", now=now
        ),
        "ask": lambda: requests.request_connection(
            software=key.software, vat=absorbed.company.enterprise_number, actor="t", now=now
        ),
        "bank": lambda: feeding.fan_out_statements(statement_uuids=[Statement.objects.get().uuid], now=now),
    }

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            merge(now, survivor.company, absorbed.company)
            waiting = pool.submit(closing_connection, actions[action])
            wait_until_it_waits(waiting)
            has_waited = not waiting.done()
        waiting.result()
    assert has_waited

    live = Connection.objects.exclude(state="revoked").get()
    assert live.company == survivor.company
    for side in (survivor, absorbed):
        assert side.software.get("delivery/pod-client/").status_code == 200
    assert {a.company for a in Arrival.objects.all()} <= {survivor.company}
    run_reactions()
    assert len(survivor.software.entries()) == 1
    assert what_is_left() == set()


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(DomainError):
        act()


def closing_connection(act: Callable[[], object]) -> object:
    try:
        return act()
    finally:
        connection.close()


def what_is_left() -> set[type]:
    """Return the kinds of rows that still hang on a merged company, but for its history."""
    kinds = [(model, lookup) for mover in load_movers() for model, lookup in mover.kinds.items()]
    return {
        model
        for model, lookup in kinds
        if model not in HISTORY and model._default_manager.filter(**{f"{lookup}__state": "merged"}).exists()
    }


@pytest.mark.django_db(transaction=True)
def test_merges_against_every_other_service_never_deadlock_and_leave_nothing_behind(
    now: datetime, run_reactions: Callable[[], int], settings: Any
) -> None:
    settings.TOKEN_MAILS_PER_HOUR = settings.TOKEN_MAILS_PER_DAY = 10_000
    settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY = 10_000
    office, key = registry.make_office(now), registry.make_software(now)
    sides = [make_side(now, office, key, f"Zaak{index}") for index in range(ENDING + 1)]
    survivor, *ending = sides
    run_reactions()

    def upload(dice: Random) -> None:
        side = dice.choice(sides)
        number, price = f"{side.company.pk}-{dice.randrange(3)}", f"{dice.randrange(1, 9)}.00"
        document = make_document(side.company, number=number, price=price, issue_date=date(2026, 11, 20))
        receive_invoice(
            upload=Upload(company=side.company, software=key.software, document=document, pdf=None), actor="t", now=now
        )

    def receive(dice: Random) -> None:
        bank(dice.choice(sides).account, now, credit(dice.choice(["121.00", "-121.00"])), number=dice.randrange(1, 999))

    def reconnect(dice: Random) -> None:
        number = dice.choice(sides).company.enterprise_number
        outcome = requests.request_connection(software=key.software, vat=number, actor="t", now=now)
        with suppress(exchange.TokenSuperseded, exchange.TokenRevoked):
            exchange.exchange_token(software=key.software, text=token_of(outcome.token), actor="t", now=now)

    def suspend(dice: Random) -> None:
        row = dice.choice(list(Connection.objects.all()))
        with suppress(IllegalTransition):
            suspend_connection(connection_uuid=row.uuid, code="office_not_client", actor="t", now=now)
            resume_connection(connection_uuid=row.uuid, actor="t", now=now)

    def read(dice: Random) -> None:
        side = dice.choice(sides)
        side.software.get("delivery/pod-client/")
        feed = delivery.open_software_feed(company=side.company, software=key.software, now=now)
        newest = feed.entries.order_by("-position").first()
        if newest:
            delivery.mark_feed(feed_id=feed.pk, offset=str(newest.uuid), actor="t", now=now)

    def unite(dice: Random) -> None:
        merge(now, survivor.company, dice.choice(ending).company)

    def react(_dice: Random) -> None:
        for pending_id in list(PendingReaction.objects.values_list("pk", flat=True)[:5]):
            run_reaction(pending_id=pending_id, run=call_task, now=now)

    def work(seed: int) -> None:
        dice = Random(seed)
        try:
            for _ in range(STEPS):
                dice.choice([upload, upload, receive, reconnect, suspend, read, unite, react])(dice)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    for side in ending:
        merge(now, survivor.company, side.company)
    run_reactions()

    assert list(PendingReaction.objects.values_list("last_error", flat=True)) == []
    assert set(Company.objects.values_list("merged_into", flat=True)) == {None, survivor.company.pk}
    assert what_is_left() == set()
    assert Statement.objects.filter(account__company=survivor.company).count() == Statement.objects.count()
