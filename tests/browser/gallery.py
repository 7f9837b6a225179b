"""A world in which every page has something to show: built through the services, beside a service that runs.

`python -m tests.browser.gallery` builds it in the database that the environment names, lets the running worker do what
follows, and prints it as JSON: the address of each page in each state, and a session for each person.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import django

from deploy.embedded import discover
from tests.browser.ugly import add_ugly_invoices
from tests.browser.ugly_statements import add_ugly_statements

LONG_NAME = "De Zeer Lange Naam van een Coöperatieve Vennootschap met Beperkte Aansprakelijkheid CV"
HEADER = "btw;naam;e-mail;taal;klantcode;vanaf"
# Where an invoice's supplier is somebody else than the connected company: refused, and a reason to look at.
FOREIGN = "0403170701"


@dataclass
class Gallery:
    """What the pages' checks and pictures need: `paths` by page name, `sessions` by person.

    `journeys`, by language, is who sets out there: an office nobody has used yet, a plumber it keeps the books of, a
    client without an address on file, and one that has long been connected.
    """

    paths: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    journeys: dict[str, dict[str, str]] = field(default_factory=dict)


def build(now: datetime, wait: Callable[[], None]) -> Gallery:
    """Build everything and return where it is; `wait` returns once the worker has done what is pending."""
    from tests.factories import registry

    # The demo's firms have the first ones.
    registry.numbers = count(1_500_001)
    gallery = Gallery()
    office, accountant = _office(now, "Boekhoudkantoor Van den Bossche & Vennoten", "els@bossche.example")
    new_office, newcomer = _office(now, "Fiduciaire de l’Hôpital", "luc@hopital.example")
    maker = registry.make_user("dev@maker.example")
    staff = registry.make_user("staff@gallery.example", is_staff=True)
    owner = registry.make_user("koen@atelier.example")
    empty_owner = registry.make_user("nieuw@leeg.example")
    for name, person in {
        "owner": owner, "new owner": empty_owner, "accountant": accountant, "new accountant": newcomer, "staff": staff,
        "maker": maker,
    }.items():  # fmt: skip
        gallery.sessions[name] = session_of(person)
    keys = {slug: software_key(now, slug) for slug in ("robaws", "onfact", "bouwsoft", "recovr")}
    parts = [
        _full_company, add_ugly_invoices, add_ugly_statements, _account_pages, _payment_pages, _money_pages,
        _work_list, _other_companies, _office_pages, _delivery_pages, _webhook_pages, _applications,
        _large_selections, _import_pages, _links, _staff_pages, _journeys,
    ]  # fmt: skip
    world = World(now, gallery, office, new_office, owner, empty_owner, accountant, keys, wait)
    for part in parts:
        part(world)
    gallery.paths |= {
        "new office": f"/offices/{new_office.uuid}/", "new clients": f"/offices/{new_office.uuid}/clients/",
        "new delivery": f"/offices/{new_office.uuid}/delivery/",
        "new large": f"/offices/{new_office.uuid}/large-selections/",
        "new inbox": f"/offices/{new_office.uuid}/inbox/", "new members": f"/offices/{new_office.uuid}/members/",
    }  # fmt: skip
    wait()
    return gallery


@dataclass
class World:
    """Who and what the parts of the gallery share."""

    now: datetime
    gallery: Gallery
    office: Any
    new_office: Any
    owner: Any
    empty_owner: Any
    accountant: Any
    keys: dict[str, Any]
    wait: Callable[[], None]
    facts: dict[str, Any] = field(default_factory=dict)

    def put(self, **paths: str) -> None:
        """Name pages; an underscore stands for a space."""
        self.gallery.paths |= {name.replace("_", " "): path for name, path in paths.items()}


def _office(now: datetime, name: str, email: str) -> tuple[Any, Any]:
    from tests.factories import registry

    office, person = registry.make_office(now, name=name), registry.make_user(email)
    registry.make_member(now, person, office=office)
    return office, person


def software_key(now: datetime, slug: str) -> Any:
    """Return a key of a package, which the demo may have made."""
    from apps.tokens.models import SoftwareKey
    from tests.factories import registry

    return SoftwareKey.objects.filter(software__slug=slug).first() or registry.make_software(now, slug=slug)


def session_of(person: Any) -> str:
    """Sign a person in, and return the session."""
    from django.test import Client

    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


def _full_company(world: World) -> None:
    """Add a connected company with invoices in every state, payments, a second software on its way, and colleagues."""
    from apps.companies import members
    from apps.companies.models import Company
    from apps.companies.rules import MemberRole
    from apps.invoices.models import Invoice
    from apps.invoices.services.bookings import answer_question, ask_question
    from apps.reconciliation.rules import SettlementWay
    from apps.reconciliation.settlements import settle_invoice
    from apps.statements.services.intake import receive_coda_file
    from apps.tokens.models import Connection
    from apps.tokens.services.connections import suspend_connection
    from apps.tokens.services.requests import request_connection
    from tests.factories import registry
    from tests.factories.wire import Software, credit, make_coda, make_document

    now, today = world.now, world.now.date()
    company = registry.make_company(
        now, office=world.office, name="Atelier Koen Vermeulen BV", email="koen@atelier.example"
    )
    account = registry.make_account(now, company)
    registry.make_member(now, world.owner, company=company)
    colleague = registry.make_user("an.de.smedt@atelier.example")
    registry.make_member(now, colleague, company=company, role=MemberRole.MEMBER)
    members.invite_company_member(
        company_uuid=company.uuid, by=world.owner, address="boekhouding@atelier.example", role=MemberRole.MEMBER,
        language="nl", now=now,
    )  # fmt: skip
    login = registry.connect(now, company, world.keys["robaws"])
    software = Software.of(login)
    registry.connect(now, company, world.keys["recovr"])
    suspended = Connection.objects.get(company=company, software__slug="recovr")
    suspend_connection(connection_uuid=suspended.uuid, code="connection_suspended", actor="t", now=now)
    request = request_connection(
        software=world.keys["onfact"].software, vat=company.enterprise_number, actor="t", now=now
    ).request
    for number, reference, days, customer in (
        ("2026-0117", "090933755493", 6, "Klant NV"),
        ("2026-0050", None, 90, LONG_NAME),
        ("2026-0118", None, 2, "Bouwmaterialen Goossens NV"),
        ("2026-0119", None, 1, "Café De Zwaan"),
    ):
        software.upload(
            make_document(
                company, number=number, reference=reference, issue_date=today - timedelta(days=days), customer=customer
            )
        )
    foreign = Company(enterprise_number=FOREIGN, name="Iemand anders")
    software.upload(make_document(foreign, number="2026-0120", issue_date=today))
    receive_coda_file(
        content=make_coda(account.iban, credit("1210.00"), credit("75.50", ""), day=today - timedelta(days=1)),
        name="gallery.cod", actor="t", now=now,
    )  # fmt: skip
    world.wait()
    home = f"/companies/{company.uuid}/"
    connection = Connection.objects.get(company=company, software__slug="robaws")
    paid = Invoice.objects.get(company=company, number="2026-0117")
    rejected = Invoice.objects.filter(company=company, state="rejected").first()
    to_settle, settled = (Invoice.objects.get(company=company, number=number) for number in ("2026-0118", "2026-0050"))
    settle_invoice(
        invoice=settled, way=SettlementWay.CASH, settled_on=today, reason="Betaald aan de toog, ontvangstbewijs 118",
        actor=f"user:{world.owner.uuid}", now=now,
    )  # fmt: skip
    asked = Invoice.objects.get(company=company, number="2026-0118")
    ask_question(invoice_uuid=asked.uuid, text="Is dit voor de werf in Gent of in Aalst?", actor="user:t", now=now)
    answer_question(invoice_uuid=asked.uuid, text="Voor Gent.", actor="user:t", now=now)
    world.facts |= {"company": company, "rejected": rejected, "login": login}
    world.put(
        company=home, company_invoices=f"{home}invoices/", company_payments=f"{home}payments/",
        company_connections=f"{home}connections/", company_members=f"{home}members/", company_contact=f"{home}contact/",
        company_request=f"{home}requests/{request.uuid}/",
        end_connection=f"{home}connections/{connection.uuid}/end/",
        renew_connection=f"{home}connections/{connection.uuid}/renew/",
        bank_access=f"{home}connections/{connection.uuid}/bank/",
        office_invoice=f"/offices/{world.office.uuid}/invoices/{paid.uuid}/",
        settle_invoice=f"{home}invoices/{to_settle.uuid}/settle/",
        settled_invoice=f"{home}invoices/{settled.uuid}/settle/",
        office_invoice_asked=f"/offices/{world.office.uuid}/invoices/{asked.uuid}/",
    )  # fmt: skip


def _money_pages(world: World) -> None:
    """Add payments of which something is loose: with a suggestion, with several, with none, and a payer ruled out."""
    from apps.invoices.models import Invoice
    from apps.reconciliation.decisions import rule_out_payer
    from apps.statements.coda.drafts import Structured
    from apps.statements.models import Movement
    from tests.factories import registry
    from tests.factories.movements import book, draft
    from tests.factories.wire import Software, make_document

    now, today, company = world.now, world.now.date(), world.facts["company"]
    software = Software.of(world.facts["login"])
    for number, price, customer, days in (
        ("2026-0121", "1000.00", "Bouwmaterialen Goossens NV", 20),
        ("2026-0122", "1000.00", "Bouwmaterialen Goossens NV", 15),
        ("2026-0123", "310.00", LONG_NAME, 40), ("2026-0124", "80.00", "Café De Zwaan", 5),
        ("2026-0125", "500.00", "Atlantic Supplies Inc", 9),
    ):  # fmt: skip
        software.upload(
            make_document(
                company, number=number, reference=None, price=price, issue_date=today - timedelta(days=days),
                customer=customer, currency="USD" if customer.startswith("Atlantic") else "EUR",
            )
        )  # fmt: skip
    world.wait()
    for number, days in (("2026-0121", 12), ("2026-0123", 45), ("2026-0124", 100)):
        Invoice.objects.filter(company=company, number=number).update(due_date=today - timedelta(days=days))
    account = registry.make_account(now, company)
    known, other = "BE62510007547061", "BE68539007547034"
    changed = Structured("105", f"{554_790:015d}{605_000:015d}{'':0>12}USD{'':12}US{'':0>15}")
    day = today - timedelta(days=1)
    book(
        now, account,
        draft("1210.00", "Bouwmaterialen Goossens", day=day, counterparty_iban=known, communication="factuur nov"),
        draft("375.10", LONG_NAME[:35], day=day, counterparty_iban=other, communication="2026/123 met dank"),
        draft("55.00", "Café De Zwaan", day=day, counterparty_iban=other, communication="voorschot"),
        draft("999.99", "", day=day, communication=""),
        draft("554.79", "Atlantic Supplies", day=day, structure=changed),
        draft("96.80", "Café De Zwaan", day=day, communication="factuur 2026-0124"),
    )  # fmt: skip
    world.wait()
    home = f"/companies/{company.uuid}/"
    first = Movement.objects.get(company=company, counterparty_iban=known)
    rule_out_payer(
        company=company, movement_uuid=Movement.objects.get(company=company, communication="voorschot").uuid,
        invoice_uuid=Invoice.objects.get(company=company, number="2026-0121").uuid,
        actor=f"user:{world.owner.uuid}", now=now,
    )  # fmt: skip
    paid = Movement.objects.filter(company=company, amount=1210).exclude(pk=first.pk)[0]
    world.put(
        loose_money=f"{home}money/loose/", assign_money=f"{home}money/loose/{first.uuid}/",
        assign_money_paid=f"{home}money/loose/{paid.uuid}/", money_decisions=f"{home}money/decisions/",
        company_money=f"{home}money/", matching=f"{home}matching/",
    )  # fmt: skip


def _work_list(world: World) -> None:
    """Add a company of which each payment has a suggestion; a test decides them, so they are nobody else's."""
    from apps.invoices.services.intake import Upload, receive_invoice
    from tests.factories import registry
    from tests.factories.movements import book, draft
    from tests.factories.wire import make_document

    now = world.now
    company = registry.make_company(now, office=world.office, name="Werklijst BV", email="werk@lijst.example")
    registry.make_member(now, world.owner, company=company)
    account = registry.make_account(now, company)
    customers = ("Apotheek Linden", "Bakkerij Berk", "Garage Olm", "Slagerij Eik")
    for at, customer in enumerate(customers, start=1):
        document = make_document(
            company, number=f"2026-{at:04d}", reference=None, price=f"{at}00.00", customer=customer
        )
        upload = Upload(company=company, software=world.keys["robaws"].software, document=document, pdf=None)
        receive_invoice(upload=upload, actor="t", now=now)
    world.wait()
    book(now, account, *(draft(f"{at * 121}.00", customer) for at, customer in enumerate(customers, start=1)))
    world.wait()
    world.put(work_list=f"/companies/{company.uuid}/money/loose/")


def _account_pages(world: World) -> None:
    """Add an account with months of statements, a gap and a held one among them, and one that has no mandate."""
    from dataclasses import replace

    from apps.delivery.examining import sweep
    from apps.statements.coda.generator import Recipe, make_file
    from apps.statements.services.intake import import_coda_file, receive_coda_file
    from tests.factories import registry
    from tests.factories.statement_days import arrive, daily_until

    now, company, office = world.now, world.facts["company"], world.office
    full, bare = registry.make_account(now, company), registry.make_account(now, company, with_mandate=False)
    days = daily_until(now.date() - timedelta(days=3), count=70)
    arrive(full, days, skipped=[days[-8]])
    held = replace(Recipe(), iban=full.iban, first_number=170, first_day=now.date() - timedelta(days=1), movements=2)
    content = b"".join(make_file(replace(held, oddities=["balance_mismatch"])))
    import_coda_file(coda_file_uuid=receive_coda_file(content=content, name="h", actor="t", now=now).uuid, now=now)
    sweep(now=now)
    home = f"/companies/{company.uuid}/accounts/"
    world.put(
        company_accounts=home, company_account=f"{home}{full.uuid}/", company_account_bare=f"{home}{bare.uuid}/",
        office_accounts=f"/offices/{office.uuid}/accounts/",
        office_account=f"/offices/{office.uuid}/accounts/{full.uuid}/",
        new_accounts=f"/offices/{world.new_office.uuid}/accounts/",
    )  # fmt: skip


def _payment_pages(world: World) -> None:
    """Add an invoice for which several payments could be, one that is paid in part, and one paid twice with a slip."""
    from dataclasses import replace

    from apps.companies.models import BankAccount
    from apps.core.structured_communication import make_structured_communication
    from apps.invoices.models import Invoice
    from apps.statements.services.intake import receive_coda_file
    from tests.factories.wire import Software, credit, make_coda, make_document

    now, company, office = world.now, world.facts["company"], world.office
    day = now.date() - timedelta(days=12)
    references = {number: make_structured_communication(60_000 + number) for number in range(301, 305)}
    for number, reference in references.items():
        document = make_document(
            company, number=f"2026-{number:04d}", reference=reference, issue_date=day, price="840.00",
            customer="Schrijnwerkerij Vandenbroucke BV",
        )  # fmt: skip
        Software.of(world.facts["login"]).upload(document)
    wrong = f"{references[301][:3]}/{references[301][3:7]}/{references[301][7:10]}{references[301][:9:-1]}"
    payer: dict[str, Any] = {
        "counterparty_name": "SCHRIJNWERKERIJ VANDENBROUCKE",
        "counterparty_iban": "BE71096123456769",
    }
    money = (
        # Of an account that has paid nothing before, or the slip would be certain.
        replace(credit("1016.40", ""), communication=wrong, **payer | {"counterparty_iban": "BE43068999999501"}),
        replace(credit("2032.80", ""), communication="2 facturen november", **payer),
        replace(credit("508.20", ""), counterparty_name="Vandenbroucke-Maes L.", counterparty_iban="BE43068999999501"),
        replace(credit("500.00", references[303]), **payer),
        replace(credit("-500.00", ""), communication="terugbetaling wegens klacht", **payer),
        replace(credit("1016.38", references[304]), **payer),
        replace(credit("1016.40", references[304]), **payer),
    )
    for note_number, about in (("C-0501", "2026-0303"), ("C-0502", None)):
        note = make_document(
            company, number=note_number, reference=None, issue_date=day, price="100.00", credit_note=True, about=about,
            customer="Schrijnwerkerij Vandenbroucke BV",
        )  # fmt: skip
        Software.of(world.facts["login"]).upload(note)
    account = BankAccount.objects.filter(company=company).earliest("id")
    content = make_coda(account.iban, *money, number=216, day=now.date() - timedelta(days=1))
    receive_coda_file(content=content, name="payments.cod", actor="t", now=now)
    world.wait()
    invoices = {number: Invoice.objects.get(company=company, number=f"2026-{number:04d}") for number in references}
    home, books = f"/companies/{company.uuid}/invoices/", f"/offices/{office.uuid}/invoices/"
    world.put(
        invoice_payments=f"{home}{invoices[301].uuid}/payments/",
        invoice_payments_part=f"{home}{invoices[303].uuid}/payments/",
        invoice_payments_paid=f"{home}{invoices[304].uuid}/payments/",
        invoice_why=f"{home}{invoices[301].uuid}/", invoice_credited=f"{home}{invoices[303].uuid}/",
        credit_note_payments=f"{home}{Invoice.objects.get(company=company, number='C-0501').uuid}/payments/",
        office_invoice_payments=f"{books}{invoices[301].uuid}/payments/",
    )  # fmt: skip


def _other_companies(world: World) -> None:
    """Add a company that asked for nothing, and one for every reason why a request is refused."""
    from apps.companies.rules import CompanyState, ContactState
    from apps.companies.services import set_company_state, set_contact_state
    from apps.tokens.services.requests import request_connection
    from tests.factories import registry

    now = world.now
    applied = registry.make_office(now, is_client=False, name="Bureau Nouveau Départ", has_member=False)
    empty = registry.make_company(now, office=world.office, name="Nieuwe Zaak", email="nieuw@leeg.example")
    registry.make_member(now, world.empty_owner, company=empty)
    home = f"/companies/{empty.uuid}/"
    world.put(
        new_company=home, new_company_invoices=f"{home}invoices/", new_company_payments=f"{home}payments/",
        new_company_connections=f"{home}connections/", new_company_members=f"{home}members/",
        new_company_loose=f"{home}money/loose/", new_company_decisions=f"{home}money/decisions/",
        new_company_money=f"{home}money/", new_company_matching=f"{home}matching/",
    )  # fmt: skip
    for code in (
        "no_accounting_office",
        "office_not_client",
        "email_unknown",
        "email_undeliverable",
        "company_inactive",
    ):
        office = {"no_accounting_office": None, "office_not_client": applied}.get(code, world.office)
        address = None if code == "email_unknown" else f"{code.replace('_', '-')}@zaak.example"
        company = registry.make_company(now, office=office, email=address, name=f"Zaak {code.replace('_', ' ')}")
        registry.make_member(now, world.owner, company=company)
        if code == "email_undeliverable":
            set_contact_state(company_uuid=company.uuid, state=ContactState.BOUNCED, actor="t", now=now)
        if code == "company_inactive":
            set_company_state(company_uuid=company.uuid, state=CompanyState.CEASED, actor="t", now=now)
        outcome = request_connection(
            software=world.keys["bouwsoft"].software, vat=company.enterprise_number, actor="t", now=now
        )
        assert outcome.refusal_code == code
        home = f"/companies/{company.uuid}/"
        world.gallery.paths |= {
            f"refused {code}": f"{home}requests/{outcome.request.uuid}/",
            f"home refused {code}": home,
        }


def _webhook_pages(world: World) -> None:
    """Give a maker of software endpoints in every state, with messages that arrived, wait and were given up."""
    from apps.sandbox.models import CompatibleMark
    from apps.tokens.models import Software, Vendor
    from apps.tokens.services.software import add_usage
    from apps.users.models import User
    from apps.webhooks.models import Attempt, Endpoint, Message
    from apps.webhooks.rules import Topic
    from apps.webhooks.services import add_endpoint, send_test
    from tests.factories import registry

    now, software = world.now, world.keys["robaws"].software
    vendor, topics = software.vendor, [topic.value for topic in Topic]
    registry.make_member(now, User.objects.get(email="dev@maker.example"), vendor=vendor)
    bare = Vendor.objects.create(name="Nieuwe Maker BV")
    registry.make_member(now, User.objects.get(email="dev@maker.example"), vendor=bare)
    new = Software.objects.create(vendor=bare, slug="nieuw-pakket", name="Nieuw Pakket", state="sandbox")
    long = "https://hooks.een-heel-lange-naam-van-een-maker.example/codabox/incoming/v2/events?tenant=0123456789abcdef"
    made = [
        add_endpoint(software=software, url=url, topics=topics[:count], actor="t", now=now).endpoint
        for url, count in ((long, 19), ("https://oud.maker.example/in", 1), ("https://test.maker.example/in", 3))
    ]
    works, stopped, off = made
    # The worker must not begin to send meanwhile.
    Endpoint.objects.filter(pk=works.pk).update(state="paused")
    answer = '{"error": "database is locked", "trace": "' + "x" * 300 + '"}'
    Endpoint.objects.filter(pk=stopped.pk).update(
        state="paused", stop_code="status_refused", failures=40, failing_since=now - timedelta(days=3),
        failure_code="status_refused", failure_answer=answer,
    )  # fmt: skip
    Endpoint.objects.filter(pk=off.pk).update(state="off")
    sent = [send_test(endpoint_uuid=works.uuid, actor="t", now=now - timedelta(minutes=5 * turn)) for turn in range(4)]
    for turn, message in enumerate(sent):
        body = (
            '{"type":"webhook.test","timestamp":"2026-11-25T09:30:00Z","data":{"endpoint":"' + str(works.uuid) + '"}}'
        )
        state = {0: "pending", 1: "failed"}.get(turn, "delivered")
        Message.objects.filter(pk=message.pk).update(
            body=body, state=state, attempt_count=1 + 6 * (turn < 2), failure_code="status_refused" if turn < 2 else "",
            due_at=now + timedelta(days=9) if turn == 0 else None, delivered_at=now,
        )  # fmt: skip
        for back in range(1 + 2 * (turn < 2)):
            Attempt.objects.create(
                message=message, url=long, signature="v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
                started_at=now - timedelta(hours=3 - back), ended_at=now - timedelta(hours=3 - back, milliseconds=-180),
                outcome="failed" if turn < 2 else "done", code="status_refused" if turn < 2 else "",
                status=503 if turn < 2 else 200, answer=answer if turn < 2 else "ok",
            )  # fmt: skip
    Endpoint.objects.filter(pk=works.pk).update(state="active", delivered_at=now)
    # Added to what the worker writes of the calls that made this world, whichever comes first.
    calls = {"upload": 1840, "upload_refused": 37, "poll": 60_000, "request_refused": 12}
    add_usage(counts={(software.pk, now.date(), kind): count for kind, count in calls.items()})
    tested = {
        "tested_at": now - timedelta(days=40),
        "taken_at": now - timedelta(days=39),
        "works_for": ["connect", "send"],
    }
    CompatibleMark.objects.create(
        software=software, report_uuid=uuid4(), state="replaced", ended_at=now, taken_by="t", **tested
    )
    CompatibleMark.objects.create(software=software, report_uuid=uuid4(), state="standing", taken_by="t", **tested)
    here, there = f"/vendors/{vendor.uuid}/", f"/vendors/{bare.uuid}/"
    package, further = f"{here}software/{software.uuid}/", f"{there}software/{new.uuid}/"
    hooks = f"{here}webhooks/"
    world.put(
        vendor=here, vendor_software=package, vendor_members=f"{here}members/",
        webhooks=hooks, endpoint_add=f"{hooks}add/", endpoint=f"{hooks}{works.uuid}/",
        endpoint_stopped=f"{hooks}{stopped.uuid}/", endpoint_off=f"{hooks}{off.uuid}/",
        endpoint_change=f"{hooks}{works.uuid}/change/",
        message_failed=f"{hooks}{works.uuid}/messages/{sent[1].uuid}/",
        message_arrived=f"{hooks}{works.uuid}/messages/{sent[2].uuid}/",
        new_vendor=there, new_webhooks=f"{there}webhooks/", new_software=further,
        vendor_self_test=f"{package}self-test/", vendor_connections=f"{package}connections/",
        vendor_requests=f"{package}requests/", new_requests=f"{further}requests/",
    )  # fmt: skip


def _applications(world: World) -> None:
    """Let makers of software apply: one is refused, the other, with much to say, waits for staff."""
    from apps.tokens.services import applications
    from apps.tokens.services.registration import Registration

    long = "Facturatie en offertes voor aannemers, met opvolging van openstaande facturen en een werfplanning. " * 5
    for name, description in (("Kassa Simpel", "Een kassa."), ("Facturatie voor de Bouw Professional", long[:500])):
        new = Registration(
            vendor_name=f"{name} Software Belgium BV", website="https://www.bouwfacturatie-professional.example/nl",
            email="productontwikkeling@bouwfacturatie-professional.example", language="nl", software_name=name,
            sector="construction", description=description,
        )  # fmt: skip
        made = applications.apply_as_vendor(registration=new, now=world.now)
        if made and name == "Kassa Simpel":
            applications.refuse_vendor_application(
                application_uuid=made.uuid, reason="Kassa's verbinden we niet.", actor="t", now=world.now
            )


def _delivery_pages(world: World) -> None:
    """Give the office destinations in every state, with documents that arrived, wait and were given up."""
    import asyncssh

    from apps.delivery.destinations import remove
    from apps.delivery.models import Delivery, DeliveryAttempt, Destination
    from apps.delivery.queueing import push_again
    from apps.delivery.rules import Channel
    from apps.invoices.models import Invoice
    from apps.users.models import MailedLink
    from apps.users.selectors import sign_link
    from tests.factories.destinations import make_mailbox, make_server

    now, office, company = world.now, world.office, world.facts["company"]
    here = f"/offices/{office.uuid}/delivery/"
    long = "facturen.boekhouding.van.den.bossche.en.vennoten@bossche-accountants.example"
    works = make_mailbox(now, office, address=long, channel=Channel.EMAIL_DAILY)
    failing = make_mailbox(now, office, company=company, address="weg@bossche.example")
    waits = make_mailbox(now, office, address="els@bossche.example", is_confirmed=False)
    gone = make_mailbox(now, office, address="oud@bossche.example")
    remove(destination_uuid=gone.uuid, actor="t", now=now)
    sent = list(Invoice.objects.filter(company=company, state="accepted").select_related("company")[:5])
    push_again(invoices=sent, office=office, now=now, destination=failing)
    answer = "550 5.1.1 <weg@bossche.example>: Recipient address rejected: User unknown in virtual mailbox table"
    queued = Delivery.objects.filter(destination=failing)
    queued.update(state="failed", failure_code="address_refused", attempt_count=7)
    Destination.objects.filter(pk=failing.pk).update(
        failures=7, failing_since=now - timedelta(hours=9), retry_at=now + timedelta(hours=20),
        failure_code="address_refused", failure_answer=answer,
    )  # fmt: skip
    Destination.objects.filter(pk=works.pk).update(delivered_at=now - timedelta(hours=2), composed_on=now.date())
    for number, delivery in enumerate(queued):
        outcome, code = ("failed", "address_refused") if number else ("done", "")
        DeliveryAttempt.objects.create(
            destination=failing, delivery=delivery, started_at=now - timedelta(hours=9 - number), ended_at=now,
            outcome=outcome, code=code, answer=answer if number else "<7d7a6b0e@bossche.example>",
        )  # fmt: skip
    server, unconfirmed = make_server(now, office), make_server(now, office, password="geheim")
    keys = [asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode() for _turn in range(2)]
    servers = Destination.objects.filter(pk=server.pk)
    servers.update(state="active", confirmed_at=now, host_key=keys[0], delivered_at=now - timedelta(minutes=3))
    Destination.objects.filter(pk=unconfirmed.pk).update(wanted_host_key=keys[1])
    world.put(
        server=f"{here}{server.uuid}/", server_unconfirmed=f"{here}{unconfirmed.uuid}/",
        server_add=f"{here}add-server/", server_change=f"{here}{server.uuid}/server/",
    )  # fmt: skip
    client = f"client={company.enterprise_number}"
    link = MailedLink.objects.get(subject_uuid=waits.uuid)
    world.put(
        delivery=here, delivery_preview=f"{here}?{client}&day={now.date()}", destination=f"{here}{works.uuid}/",
        delivery_elsewhere=f"{here}?{client}&day=1999-01-01", destination_add=f"{here}add/",
        destination_failing=f"{here}{failing.uuid}/", destination_unconfirmed=f"{here}{waits.uuid}/",
        destination_removed=f"{here}{gone.uuid}/", confirm_destination=f"/confirm-destination/{sign_link(link)}/",
    )  # fmt: skip


def _office_pages(world: World) -> None:
    """Give the office claims both ways, and many more clients and invoices."""
    from apps.accounting_offices.transfers import claim_client
    from apps.companies.models import Company
    from apps.invoices.models import Invoice
    from tests.factories import registry
    from tests.factories.inbox import deliver

    now, office, start = world.now, world.office, world.now.date() + timedelta(days=20)
    asked = registry.make_company(now, office=world.new_office, name="Gevraagd BV")
    wanted = registry.make_company(now, office=office, name=LONG_NAME)
    for claimant, company in ((office, asked), (world.new_office, wanted)):
        claim_client(
            office_uuid=claimant.uuid, enterprise_number=company.enterprise_number, client_code="", actor="t", now=now,
            starts_on=start,
        )  # fmt: skip
    for position in range(60):
        registry.make_company(
            now, office=office, name=f"Klant {position:02d} BV", email=f"klant{position}@zaak.example"
        )
    company = world.facts["company"]
    deliver(now - timedelta(days=20), office, company, [f"2025-{serial:04d}" for serial in range(60)])
    _remarks(world, Invoice.objects.filter(company=company, number__startswith="2025-").order_by("number"))
    without = Company.objects.get(name="Zaak email unknown")
    here = f"/offices/{office.uuid}/"
    world.put(
        office=here, clients=f"{here}clients/", clients_none=f"{here}clients/?q=bestaat-niet", inbox=f"{here}inbox/",
        inbox_none=f"{here}inbox/?q=bestaat-niet", office_members=f"{here}members/",
        office_access=f"{here}api-access/",
        missing_addresses=f"{here}missing-addresses/", client_contact=f"{here}clients/{without.uuid}/contact/",
        client_books=f"{here}clients/{company.uuid}/books/", all_books=f"{here}books/",
    )  # fmt: skip


def _remarks(world: World, invoices: Any) -> None:
    """Let the office ask about invoices, refuse one, and the company answer one question."""
    from apps.invoices.services.bookings import answer_question, ask_question, refuse_invoice

    now, company = world.now, world.facts["company"]
    asked, answered, refused, standing = invoices[:4]
    question = "Voor welke werf is deze factuur?\nOp de bestelbon staat Gent, op de factuur Aalst."
    for invoice in (asked, answered):
        ask_question(invoice_uuid=invoice.uuid, text=question, actor="user:t", now=now)
    answer_question(
        invoice_uuid=answered.uuid, text="Voor Gent. Het adres van de klant is Aalst.", actor="user:t", now=now
    )
    refuse_invoice(
        invoice_uuid=refused.uuid, text="Deze levering staat al op factuur 2025-0001.", actor="user:t", now=now
    )
    pages = {"company question": asked, "company answered": answered, "company refusal": refused}
    for name, invoice in pages.items():
        world.gallery.paths[name] = f"/companies/{company.uuid}/invoices/{invoice.uuid}/accountant/"
    mine = f"/offices/{world.office.uuid}/invoices"
    world.put(office_question=f"{mine}/{standing.uuid}/question/", office_refusal=f"{mine}/{standing.uuid}/refusal/")


def _large_selections(world: World) -> None:
    """Show archives and redeliveries of large selections in every state."""
    from apps.delivery.models import Bundle
    from apps.delivery.preparing import Place, ask_bundle
    from apps.delivery.redelivering import ask_redelivery_of_many
    from apps.invoices.models import Invoice
    from apps.jobs.models import Job

    now, office = world.now, world.office
    ids = list(Invoice.objects.filter(office=office, state="accepted").values_list("pk", flat=True)[:4])
    asked = [ask_bundle(invoice_ids=ids, place=Place(office=office), actor="t", now=now) for _turn in range(4)]
    ask_redelivery_of_many(invoice_ids=ids, subject_uuid=office.uuid, actor="t", now=now)
    world.wait()
    ready, gone, failed, busy = asked
    Job.objects.filter(pk=ready.pk).update(parameters={"count": 12_345}, report={"left_out": 3})
    Bundle.objects.filter(job=gone).update(removed_at=now, kept_until=now)
    Job.objects.filter(pk=failed.pk).update(state="failed", report={"error": {"code": "bundle_too_large"}})
    running = Job.objects.filter(pk=busy.pk)
    running.update(state="running", finished_at=None, parameters={"count": 20_000}, total=20_000, processed=8_500)
    world.put(office_large=f"/offices/{office.uuid}/large-selections/")


def _import_pages(world: World) -> None:
    """Show an import at each of its steps."""
    from apps.accounting_offices.client_lists import keep_client_list, rehearse_client_list
    from apps.accounting_offices.client_rows import find_columns
    from apps.accounting_offices.imports import create_client_import
    from apps.jobs.models import Job
    from tests.factories import registry

    now, office = world.now, world.office
    lines = [f"{registry.enterprise_number()};Zaak {row};zaak{row}@voorbeeld.example;nl;K{row};" for row in range(8)]
    wrong = [
        "0123.456.700;Verkeerd nummer;x@y.example;nl;;",
        f"{registry.enterprise_number()};;geen-adres;xx;;31/02/2026",
    ]
    content = "\r\n".join([HEADER, *lines, *wrong]).encode()

    def keep(name: str, text: bytes) -> Any:
        return keep_client_list(office_uuid=office.uuid, content=text, file_name=name, actor="t", now=now)

    mapping = find_columns(HEADER.split(";"), {})
    columns = keep("klanten-november.csv", content)
    rehearsed = rehearse_client_list(job_uuid=keep("klanten.csv", content).uuid, mapping=mapping, actor="t", now=now)
    done = create_client_import(
        office_uuid=office.uuid, content="\r\n".join([HEADER, *lines]).encode(), mapping=mapping, is_dry_run=False,
        actor="t", now=now,
    )  # fmt: skip
    failed = create_client_import(
        office_uuid=office.uuid, content=b"a;b\r\n1;2\r\n", mapping={}, is_dry_run=False, actor="t", now=now
    )
    world.wait()
    busy = keep("twintigduizend.csv", content)
    Job.objects.filter(pk=busy.pk).update(state="running", started_at=now, total=20_000, processed=8_500)
    here = f"/offices/{office.uuid}/clients/import/"
    world.put(
        import_file=here, import_columns=f"{here}{columns.uuid}/columns/", import_preview=f"{here}{rehearsed.uuid}/",
        import_done=f"{here}{done.uuid}/", import_failed=f"{here}{failed.uuid}/", import_busy=f"{here}{busy.uuid}/",
    )  # fmt: skip


def _links(world: World) -> None:
    """Show each mailed link as it can be found."""
    from apps.companies import contacts, members
    from apps.tokens.links import sign_withdrawal
    from apps.tokens.services.requests import request_connection
    from apps.users.models import MailedLink
    from apps.users.selectors import sign_link
    from tests.factories import registry

    now = world.now

    def company(name: str) -> Any:
        return registry.make_company(now, office=world.office, name=name, email=f"{name.lower()}@link.example")

    def first_link(name: str) -> Any:
        return members.send_first_member_link(company_uuid=company(name).uuid, actor="t", now=now)

    def renewed(link: Any, **changes: Any) -> str:
        MailedLink.objects.filter(pk=link.pk).update(**changes)
        return f"/join/{sign_link(link)}/"

    world.put(join=f"/join/{sign_link(first_link('Eerste'))}/")
    world.put(join_expired=renewed(first_link("Verlopen"), expires_at=now - timedelta(minutes=1)))
    world.put(join_used=renewed(first_link("Gebruikt"), used_at=now))
    world.put(join_withdrawn=renewed(first_link("Ingetrokken"), withdrawn_at=now))
    change = contacts.ask_contact_change(
        company_uuid=world.facts["company"].uuid, address="nieuw@atelier.example", asker=world.owner, now=now
    )
    world.put(confirm_address=f"/confirm-address/{sign_link(change.link)}/")
    for name in ("Withdrawn", "Withdraw"):
        request = request_connection(
            software=world.keys["onfact"].software, vat=company(name).enterprise_number, actor="t", now=now
        ).request
        world.put(**{name.lower(): f"/requests/{sign_withdrawal(request.uuid)}/withdraw/"})


def _staff_pages(world: World) -> None:
    """Name the back-office's pages: each list, the form of one row of each, and those that are our own."""
    from django.contrib import admin
    from django.urls import reverse

    from apps.companies.models import Company
    from apps.tokens.models import SoftwareUsage

    paths = {"admin": "/admin/"}
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        if not model.__module__.startswith("apps."):
            continue
        paths[f"admin {label}"] = reverse(f"admin:{label}_changelist")
        row = model._default_manager.first()
        if row is not None:
            paths[f"admin {label} one"] = reverse(f"admin:{label}_change", args=[row.pk])
    company = Company.objects.get(name="Nieuwe Zaak")
    other = world.facts["company"]
    quiet = world.keys["onfact"].software
    SoftwareUsage.objects.create(software=quiet, day=world.now.date() - timedelta(days=120), kind="read", count=3)
    paths["admin quiet software"] = reverse("admin:tokens_software_change", args=[quiet.pk])
    paths["admin merge"] = reverse("admin:companies_company_merge", args=[company.pk])
    paths["admin merge preview"] = f"{paths['admin merge']}?number={other.enterprise_number}"
    paths["admin import clients"] = reverse("admin:accounting_offices_accountingoffice_import", args=[world.office.pk])
    paths["admin banks"] = reverse("admin:delivery_accounthealth_banks")
    paths["admin decide"] = reverse("admin:statements_statement_decide", args=[_held_statement(world.now)])
    world.gallery.paths |= paths


def _held_statement(now: datetime) -> int:
    """Add a second statement of one number; return its id."""
    from apps.statements.services.intake import import_coda_file, receive_coda_file
    from tests.factories.wire import credit, make_coda

    for amount in ("5.00", "6.00"):
        content = make_coda("BE68539007547034", credit(amount))
        received = receive_coda_file(content=content, name=f"week-{amount}.cod", actor="t", now=now)
        import_coda_file(coda_file_uuid=received.uuid, now=now)
    return int(received.statements.get().pk)


def _journeys(world: World) -> None:
    """Add who sets out in each language: nobody of them was here before."""
    from tests.factories import registry

    now = world.now
    names = {"nl": ("Kantoor Morgenrood", "Loodgieterij De Kraan"), "fr": ("Cabinet du Matin", "Plomberie du Robinet")}
    for language, (office_name, plumber_name) in names.items():
        office = registry.make_office(now, name=office_name)
        accountant = registry.make_user(f"kantoor.{language}@morgen.example", language=language)
        registry.make_member(now, accountant, office=office)
        plumber = registry.make_company(
            now, office=office, name=plumber_name, language=language, email=f"kraan.{language}@zaak.example"
        )
        account = registry.make_account(now, plumber)
        silent = registry.make_company(
            now, office=office, name=f"Zonder adres {language}", email=None, language=language
        )
        owner = registry.make_user(f"eigenaar.{language}@zaak.example", language=language)
        registry.make_member(now, owner, company=silent)
        settled = registry.make_company(
            now, office=office, name=f"Al jaren {language}", language=language, email=f"jaren.{language}@zaak.example"
        )
        registry.connect(now, settled, world.keys["bouwsoft"])
        partner = registry.make_user(f"jaren.{language}@zaak.example", language=language)
        registry.make_member(now, partner, company=settled)
        world.gallery.journeys[language] = {
            "settled": settled.enterprise_number, "settled_owner": partner.email,
            "office": str(office.uuid), "office_name": office_name, "accountant": accountant.email,
            "plumber": plumber.enterprise_number, "plumber_name": plumber_name,
            "plumber_email": f"kraan.{language}@zaak.example", "iban": account.iban,
            "silent": silent.enterprise_number, "silent_uuid": str(silent.uuid), "silent_owner": owner.email,
            **{slug: str(key.key) for slug, key in world.keys.items()},
        }  # fmt: skip


def wait_for_worker() -> None:
    """Return once the worker has done what is pending."""
    from apps.core import clock
    from apps.events.models import PendingReaction

    deadline = time.monotonic() + 90
    while PendingReaction.objects.filter(due_at__lte=clock.now()).exists():
        if time.monotonic() > deadline:
            raise TimeoutError("The worker did not do what is pending.")
        time.sleep(0.1)


def set_up() -> None:
    """Let this process work in the database that the environment names, beside the service that runs there."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if "SECRET_KEY" not in os.environ:
        os.environ.update(discover.environment(os.environ["DATA_DIR"]))
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()


def main() -> None:
    """Build the gallery and print it."""
    set_up()
    from apps.core import clock

    gallery = build(clock.now(), wait_for_worker)
    json.dump(asdict(gallery), sys.stdout)


if __name__ == "__main__":
    main()
