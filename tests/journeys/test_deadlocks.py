"""The services against each other, on the same company, in many threads: nobody waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from apps.delivery import services as delivery
from apps.events.batches import run_with_its_like
from apps.events.models import PendingReaction
from apps.events.tasks import call_task, call_task_for_many
from apps.invoices.services.intake import Upload, receive_invoice
from apps.statements.services.intake import import_coda_file, receive_coda_file
from apps.tokens import secrets
from apps.tokens.models import Connection
from apps.tokens.services import exchange, requests
from apps.tokens.services.connections import resume_connection, suspend_connection
from tests.factories import registry
from tests.factories.wire import Software, credit, make_coda, make_document

THREADS, STEPS = 6, 12


@pytest.mark.django_db(transaction=True)
def test_the_services_against_each_other_never_deadlock(
    now: datetime, run_reactions: Callable[[], int], settings: Any
) -> None:
    settings.TOKEN_MAILS_PER_HOUR = settings.TOKEN_MAILS_PER_DAY = 10_000
    company = registry.make_company(now, office=registry.make_office(now))
    account = registry.make_account(now, company)
    key = registry.make_software(now)
    connected = registry.connect(now, company, key)
    run_reactions()

    def upload(dice: Random) -> None:
        document = make_document(company, number=str(dice.randrange(3)), price=f"{dice.randrange(1, 4)}00.00")
        parcel = Upload(company=company, software=connected.software, document=document, pdf=None)
        receive_invoice(upload=parcel, actor="t", now=now)

    def bank(dice: Random) -> None:
        amount = dice.choice(["121.00", "-121.00", "242.00"])
        content = make_coda(account.iban, credit(amount), number=dice.randrange(1, 999))
        received = receive_coda_file(content=content, name="f", actor="t", now=now)
        import_coda_file(coda_file_uuid=received.uuid, now=now)

    def reconnect(_dice: Random) -> None:
        outcome = requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
        assert outcome.token
        token = secrets.derive_token(outcome.token.uuid, key=django_token_key())
        try:
            exchange.exchange_token(software=key.software, text=token, actor="t", now=now)
        except exchange.TokenSuperseded:
            return

    def suspend(_dice: Random) -> None:
        row = Connection.objects.get()
        suspend_connection(connection_uuid=row.uuid, code="office_not_client", actor="t", now=now)
        resume_connection(connection_uuid=row.uuid, actor="t", now=now)

    def read(_dice: Random) -> None:
        software = Software.of(connected)
        software.get("delivery/pod-client/")
        feed = delivery.open_software_feed(company=company, software=connected.software, now=now)
        newest = feed.entries.order_by("-position").first()
        if newest:
            delivery.mark_feed(feed_id=feed.pk, offset=str(newest.uuid), actor="t", now=now)

    def react(_dice: Random) -> None:
        for pending_id in list(PendingReaction.objects.values_list("pk", flat=True)[:5]):
            run_with_its_like(pending_id=pending_id, run=call_task, run_many=call_task_for_many, now=now)

    def work(seed: int) -> None:
        dice = Random(seed)
        try:
            for _ in range(STEPS):
                dice.choice([upload, bank, reconnect, suspend, read, react])(dice)
        finally:
            connection.close()

    # The rules belong to the thread that asks them first, and it is this one that judges at the end.
    upload(Random(0))
    run_reactions()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    run_reactions()

    failed = list(PendingReaction.objects.values_list("last_error", flat=True))
    assert failed == []


def django_token_key() -> str:
    return str(settings.TOKEN_KEY)
