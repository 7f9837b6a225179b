"""Who and what the golden calls of the wire API name: built through the services, beside a service that runs.

`python -m tests.journeys.wire_world` builds it in the database that the environment names, lets the running worker do
what follows, and prints as JSON what each placeholder of `tests/samples/wire` stands for.
"""

import base64
import json
import sys
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from apps.core.identifiers import format_enterprise_number
from tests.browser.gallery import set_up, software_key, wait_for_worker

ACTOR = "test"
Values = dict[str, str]


def build(now: datetime) -> Values:
    """Build everything and return the values by name."""
    from tests.factories import registry

    # The demo's firms and the gallery's have the earlier ones.
    registry.numbers = count(1_700_001)
    office = registry.make_office(now, name="Kantoor Draad", email="draad@example.be")
    key, other_key = software_key(now, "comanage"), software_key(now, "facturalia")
    values = {"key": str(key.key), "other_key": str(other_key.key), "nobody": "5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6a"}
    for part in (_keys, _refusals, _tokens, _standings, _main_company, _corrections):
        values |= part(now, office, key)
    wait_for_worker()
    values |= _what_the_worker_did(now, office, key)
    numbers = {name: value for name, value in values.items() if name.endswith("number")}
    return values | {f"{name}_dotted": format_enterprise_number(value) for name, value in numbers.items()}


def _company(now: datetime, office: Any, name: str, **more: Any) -> Any:
    from tests.factories import registry

    return registry.make_company(now, office=office, name=name, email=f"{name.lower()}@example.be", **more)


def _login(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def _keys(now: datetime, office: Any, key: Any) -> Values:
    from apps.tokens.services import software
    from apps.tokens.services.office_access import give_office_credentials

    disabled = software.give_software_key(software_uuid=key.software.uuid, actor=ACTOR, now=now)
    software.disable_software_key(key=disabled.key, actor=ACTOR, now=now)
    pair = give_office_credentials(office_uuid=office.uuid, password=None, actor=ACTOR, now=now)
    return {"disabled_key": str(disabled.key), "office_login": _login(*pair), "office": str(office.uuid)}


def _refusals(now: datetime, office: Any, key: Any) -> Values:
    from apps.companies import services
    from apps.companies.rules import CompanyState, ContactState
    from tests.factories import registry
    from tests.factories.numbers import make_enterprise_number

    ceased, bounced = _company(now, office, "Ceased"), _company(now, office, "Bounced")
    services.set_company_state(company_uuid=ceased.uuid, state=CompanyState.CEASED, actor=ACTOR, now=now)
    services.set_contact_state(company_uuid=bounced.uuid, state=ContactState.BOUNCED, actor=ACTOR, now=now)
    not_client = registry.make_office(now, name="Kantoor Nieuw", email="nieuw@example.be", is_client=False)
    companies = {
        "ceased": ceased,
        "bounced": bounced,
        "officeless": _company(now, None, "Officeless"),
        "not_client": _company(now, not_client, "Applied"),
        "mailless": registry.make_company(now, office=office, name="Mailless", email=None),
        "ready": _company(now, office, "Ready"),
        "spelled": _company(now, office, "Spelled"),
    }
    unknown = make_enterprise_number("01709999")
    return {"unknown_number": unknown} | {f"{name}_number": row.enterprise_number for name, row in companies.items()}


def _tokens(now: datetime, office: Any, key: Any) -> Values:
    from django.conf import settings

    from apps.tokens import secrets
    from apps.tokens.models import AccessToken
    from apps.tokens.services import endings, requests
    from tests.factories import registry

    def ask(company: Any) -> Any:
        number = company.enterprise_number
        return requests.request_connection(software=key.software, vat=number, actor=ACTOR, now=now)

    def plain(outcome: Any) -> str:
        return secrets.derive_token(outcome.token.uuid, key=settings.TOKEN_KEY)

    asked = {name: ask(_company(now, office, name)) for name in ("Fresh", "Late", "Gone", "Twice")}
    ask_again = _company(now, office, "Again")
    superseded = ask(ask_again)
    ask(ask_again)
    AccessToken.objects.filter(pk=asked["Late"].token.pk).update(expires_at=now - timedelta(days=1))
    endings.withdraw_request(request_uuid=asked["Gone"].request.uuid, actor=ACTOR, now=now)
    used = registry.connect(now, asked["Twice"].request.company, key)
    newest = AccessToken.objects.filter(company=used.company).latest("pk")
    _use(used, now)
    return {
        "token": plain(asked["Fresh"]),
        "request": str(asked["Fresh"].request.uuid),
        "superseded_token": plain(superseded),
        "expired_token": plain(asked["Late"]),
        "revoked_token": plain(asked["Gone"]),
        "used_token": secrets.derive_token(newest.uuid, key=settings.TOKEN_KEY),
    }


def _use(connected: Any, now: datetime) -> None:
    """Use a pair for the first time, which ends the pairs before it."""
    from apps.tokens.models import Credential
    from apps.tokens.services.connections import use_credential_first

    use_credential_first(credential_id=Credential.objects.get(username=connected.username).pk, now=now)


def _standings(now: datetime, office: Any, key: Any) -> Values:
    """Add connections that stand otherwise than well; the worker suspends that of the office which has left."""
    from apps.accounting_offices.services import end_office
    from apps.tokens.models import Connection
    from apps.tokens.services.connections import revoke_connection
    from tests.factories import registry

    rows = {name: registry.connect(now, _company(now, office, name), key) for name in ("Ended", "Void", "Leaving")}
    leaving = registry.make_office(now, name="Kantoor Weg", email="weg@example.be")
    rows["Stopped"] = registry.connect(now, _company(now, leaving, "Stopped"), key)
    end_office(office_uuid=leaving.uuid, actor=ACTOR, now=now)
    revoke_connection(connection_uuid=Connection.objects.get(company=rows["Ended"].company).uuid, actor=ACTOR, now=now)
    _use(rows["Void"], now)
    _use(registry.connect(now, rows["Void"].company, key), now)
    found = {f"{name.lower()}_login": _login(row.username, row.password) for name, row in rows.items()}
    stopped = rows["Stopped"].company
    return found | {"stopped_number": stopped.enterprise_number, "stopped_company": str(stopped.uuid)}


def _main_company(now: datetime, office: Any, key: Any) -> Values:
    """Add the company that most calls are of, with bank statements, and one whose feed is empty."""
    from apps.delivery.services import open_software_feed
    from apps.statements.services.intake import import_coda_file, receive_coda_file
    from tests.factories import registry
    from tests.factories.wire import credit, make_coda

    main = registry.connect(now, _company(now, office, "Draadwerk"), key)
    empty = registry.connect(now, _company(now, office, "Leeg"), key)
    feed = open_software_feed(company=main.company, software=key.software, now=now)
    quiet = open_software_feed(company=empty.company, software=key.software, now=now)
    account = registry.make_account(now, main.company)
    _upload(main.company, key, now, number="W-PAID")
    # Delivered before it is paid, every time.
    wait_for_worker()
    for number, movements in ((101, [credit("1210.00")]), (102, [credit("7.00", "010000001010")])):
        content = make_coda(account.iban, *movements, number=number)
        received = receive_coda_file(content=content, name="f", actor=ACTOR, now=now)
        import_coda_file(coda_file_uuid=received.uuid, now=now)
        # Two at once could come to the feed in either order.
        wait_for_worker()
    return {
        "login": _login(main.username, main.password),
        "username": main.username,
        "company": str(main.company.uuid),
        "number": main.company.enterprise_number,
        "iban": account.iban,
        "feed": str(feed.pk),
        "quiet_login": _login(empty.username, empty.password),
        "quiet_feed": str(quiet.pk),
        "quiet_number": empty.company.enterprise_number,
    }


def _upload(company: Any, key: Any, now: datetime, *, number: str, **more: Any) -> Any:
    from apps.invoices.services.intake import Upload, receive_invoice
    from tests.factories.wire import make_document

    upload = Upload(company, key.software, make_document(company, number=number, **more), None)
    return receive_invoice(upload=upload, actor="software:comanage", now=now).invoice


def _corrections(now: datetime, office: Any, key: Any) -> Values:
    """Add a company whose invoices can no longer, or still, be corrected."""
    from apps.accounting_offices.books import close_books
    from apps.invoices.services.bookings import book_invoices
    from tests.factories import registry

    connected = registry.connect(now, _company(now, office, "Correct"), key)
    company = connected.company
    invoices = {
        name: _upload(company, key, now, number=name, reference=None, issue_date=day)
        for name, day in {
            "W-BOOKED": date(2026, 11, 19), "W-CLOSED": date(2026, 3, 2), "W-WRONG": date(2026, 11, 20),
            "W-ASKED": date(2026, 11, 19), "W-REFUSED": date(2026, 11, 19), "W-TAKEN": date(2026, 11, 19),
            "W-AGAIN": date(2026, 11, 19),
        }.items()
    }  # fmt: skip
    wait_for_worker()
    book_invoices(invoice_ids=[invoices["W-BOOKED"].pk], actor=f"office:{office.uuid}", now=now)
    close_books(office=office, company_ids=[company.pk], until=date(2026, 3, 31), actor=ACTOR, now=now)
    found = {f"{name[2:].lower()}_invoice": str(row.uuid) for name, row in invoices.items() if name != "W-CLOSED"}
    return found | {
        "correct_login": _login(connected.username, connected.password),
        "correct_number": company.enterprise_number,
    }


def _what_the_worker_did(now: datetime, office: Any, key: Any) -> Values:
    from apps.accounting_offices.models import ClientLink
    from apps.companies.models import Company
    from apps.delivery.models import Feed, FeedEntry
    from apps.delivery.services import ask_redelivery
    from apps.invoices.models import Invoice
    from apps.tokens.models import Connection

    company = Company.objects.get(name="Draadwerk")
    entries = list(FeedEntry.objects.filter(feed__company=company, feed__software=key.software).order_by("position"))
    ask_redelivery(entry_uuid=entries[0].uuid, actor=ACTOR, now=now)
    invoice = Invoice.objects.get(company=company)
    feed = Feed.objects.get(office=office, company=company)
    return {
        "entry": str(entries[0].uuid),
        "second_entry": str(entries[1].uuid),
        "invoice": str(invoice.uuid),
        "link": str(ClientLink.objects.get(company=company).uuid),
        "pod": str(Connection.objects.get(company=company).pk),
        "office_pod": str(office.pk),
        "office_number": office.enterprise_number,
        "office_feed": str(feed.pk),
        "office_entry": str(FeedEntry.objects.get(feed=feed, invoice=invoice).uuid),
    }


def main() -> None:
    """Build it and print what the placeholders stand for."""
    set_up()
    from apps.core import clock

    json.dump(build(clock.now()), sys.stdout)


if __name__ == "__main__":
    main()
