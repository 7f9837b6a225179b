"""Rows brought to each state by the services that bring them there in life, and every action on them."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings

from apps.accounting_offices import services as offices
from apps.accounting_offices import transfers
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.rules import LinkState, MandatePurpose, MandateState, OfficeState
from apps.companies import services as companies
from apps.companies.models import Company
from apps.companies.rules import ContactState
from apps.tokens import secrets
from apps.tokens.models import Connection, NonActivationCase, Software
from apps.tokens.rules import ApplicationState, CaseState, ConnectionState, RequestState, TokenState
from apps.tokens.services import applications, cases, connections, endings, exchange, mail, requests
from apps.tokens.services.registration import Registration
from tests.factories import registry

ACTOR: Final = "test"
DAY: Final = date(2026, 11, 25)
LONG: Final = timedelta(days=120)
NEW_SOFTWARE: Final = Registration(
    vendor_name="Molen BV", website="https://molen.example", email="dev@molen.be", language="nl",
    software_name="De Molen", sector="", description="Factureert.",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """What an action may need; the row whose state is looked at is `subject`."""

    now: datetime
    office: AccountingOffice
    company: Company
    software: Software
    subject: Any = None
    request: Any = None
    token: Any = None
    connection: Any = None
    link: Any = None
    mandate: Any = None

    @property
    def by(self) -> dict[str, Any]:
        """Return who acts and when."""
        return {"actor": ACTOR, "now": self.now}

    def code(self) -> str:
        """Return the plain code of the scene's token."""
        return secrets.derive_token(self.token.uuid, key=settings.TOKEN_KEY)


def make_scene(now: datetime) -> Scene:
    """Return a company that passes every check."""
    office = registry.make_office(now)
    return Scene(now, office, registry.make_company(now, office=office), registry.make_software(now).software)


def ask(scene: Scene) -> Scene:
    """Return the scene with a request and, when it passed, its token."""
    outcome = requests.request_connection(software=scene.software, vat=scene.company.enterprise_number, **scene.by)
    return replace(scene, request=outcome.request, token=outcome.token or scene.token, subject=outcome.request)


def give_back(scene: Scene) -> Scene:
    """Let the token's mail bounce, then cure the address without anybody noticing yet."""
    requests.give_up_address(token_uuid=scene.token.uuid, now=scene.now)
    companies.set_contact_state(company_uuid=scene.company.uuid, state=ContactState.ON_FILE, **scene.by)
    return scene


def exchange_code(scene: Scene) -> Scene:
    """Exchange the token; the scene gets its connection."""
    exchange.exchange_token(software=scene.software, text=scene.code(), **scene.by)
    return replace(scene, connection=Connection.objects.get(company=scene.company, software=scene.software))


def request_in(state: RequestState, now: datetime) -> Scene:
    """Return a request in a state; a waiting one is cured already, so that a check would pass."""
    scene = ask(make_scene(now))
    match state:
        case RequestState.WAITING:
            give_back(scene)
        case RequestState.SENDING:
            pass
        case RequestState.TOKEN_SENT:
            mail.send_token_mail(token_uuid=scene.token.uuid, now=now)
        case RequestState.ACTIVATED:
            exchange_code(scene)
        case RequestState.EXPIRED:
            endings.expire_requests(now=now + LONG)
        case RequestState.WITHDRAWN:
            endings.withdraw_request(request_uuid=scene.request.uuid, **scene.by)
        case RequestState.CLOSED:
            endings.close_request(request_uuid=scene.request.uuid, message="", **scene.by)
    return scene


def token_in(state: TokenState, now: datetime) -> Scene:
    """Return a token in a state."""
    scene = ask(make_scene(now))
    match state:
        case TokenState.ISSUED:
            mail.send_token_mail(token_uuid=scene.token.uuid, now=now)
        case TokenState.EXCHANGED:
            exchange_code(scene)
        case TokenState.SUPERSEDED:
            ask(scene)
        case TokenState.EXPIRED:
            endings.expire_requests(now=now + LONG)
        case TokenState.REVOKED:
            endings.withdraw_request(request_uuid=scene.request.uuid, **scene.by)
    return replace(scene, subject=scene.token)


def connection_in(state: ConnectionState, now: datetime) -> Scene:
    """Return a connection in a state, with a client link that holds today."""
    scene = exchange_code(ask(make_scene(now)))
    match state:
        case ConnectionState.ACTIVE:
            pass
        case ConnectionState.SUSPENDED:
            connections.suspend_connection(connection_uuid=scene.connection.uuid, code="office_not_client", **scene.by)
        case ConnectionState.REVOKED:
            connections.revoke_connection(connection_uuid=scene.connection.uuid, **scene.by)
    return replace(scene, subject=scene.connection)


def application_in(state: ApplicationState, now: datetime) -> Scene:
    """Return a maker's application in a state."""
    application = applications.apply_as_vendor(registration=NEW_SOFTWARE, now=now)
    assert application
    scene = replace(make_scene(now), subject=application)
    match state:
        case ApplicationState.APPLIED:
            pass
        case ApplicationState.APPROVED:
            applications.approve_vendor_application(application_uuid=application.uuid, **scene.by)
        case ApplicationState.REFUSED:
            applications.refuse_vendor_application(application_uuid=application.uuid, reason="no", **scene.by)
    return scene


def case_in(state: CaseState, now: datetime) -> Scene:
    """Return a case in a state, of a company without an address."""
    office = registry.make_office(now)
    company = registry.make_company(now, office=office, email=None)
    scene = ask(Scene(now, office, company, registry.make_software(now).software))
    case = NonActivationCase.objects.get()
    match state:
        case CaseState.OPEN:
            pass
        case CaseState.IN_PROGRESS:
            cases.take_case(case_uuid=case.uuid, **scene.by)
        case CaseState.RESOLVED:
            companies.put_contact_on_file(company_uuid=company.uuid, address="a@example.be", **scene.by)
            requests.recheck_company(company_uuid=company.uuid, now=now)
        case CaseState.CLOSED:
            cases.close_case(case_uuid=case.uuid, **scene.by)
    return replace(scene, subject=case)


def office_in(state: OfficeState, now: datetime) -> Scene:
    """Return an office in a state."""
    scene = make_scene(now)
    office = registry.make_office(now, is_client=False)
    if state is not OfficeState.APPLIED:
        offices.approve_office(office_uuid=office.uuid, **scene.by)
    if state is OfficeState.FORMER:
        offices.end_office(office_uuid=office.uuid, **scene.by)
    return replace(scene, office=office, subject=office)


def link_in(state: LinkState, now: datetime) -> Scene:
    """Return a client link in a state: a claim waits beside another office's link, which is current or has ended."""
    scene = make_scene(now)
    link = ClientLink.objects.get(company=scene.company)
    if state is LinkState.ENDED:
        offices.end_client_link(link_uuid=link.uuid, ends_on=DAY, **scene.by)
    if state is LinkState.CLAIMED:
        link = transfers.claim_client(
            office_uuid=registry.make_office(now).uuid, enterprise_number=scene.company.enterprise_number,
            client_code="", starts_on=DAY, **scene.by,
        )  # fmt: skip
    return replace(scene, link=link, subject=link)


def mandate_in(state: MandateState, now: datetime) -> Scene:
    """Return a mandate in a state."""
    scene = make_scene(now)
    account = registry.make_account(now, scene.company, with_mandate=False)
    mandate = offices.request_mandate(
        bank_account_uuid=account.uuid, purpose=MandatePurpose.CODA, signer="An", **scene.by
    )
    if state is MandateState.REFUSED:
        offices.refuse_mandate(mandate_uuid=mandate.uuid, reason="no", **scene.by)
    if state in {MandateState.SIGNED, MandateState.ACTIVE, MandateState.ENDED}:
        offices.sign_mandate(mandate_uuid=mandate.uuid, **scene.by)
    if state in {MandateState.ACTIVE, MandateState.ENDED}:
        offices.activate_mandate(mandate_uuid=mandate.uuid, starts_on=DAY - LONG, **scene.by)
    if state is MandateState.ENDED:
        offices.end_mandate(mandate_uuid=mandate.uuid, ends_on=DAY, reason="over", **scene.by)
    return replace(scene, mandate=mandate, subject=mandate)
