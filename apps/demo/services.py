"""Loading the demo world, through the services that make such things in life; loading it again changes nothing."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.conf import settings

from apps.accounting_offices import members as office_members
from apps.accounting_offices import services as office_services
from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.rules import MandatePurpose
from apps.companies import members as company_members
from apps.companies import services as company_services
from apps.companies.models import Company, ContactEmail
from apps.companies.rules import CompanyState, ContactState, MemberRole
from apps.companies.selectors import find_company
from apps.core.clock import brussels_day
from apps.core.errors import DomainError
from apps.demo import invoices as demo_invoices
from apps.demo import statements as demo_statements
from apps.demo.world import (
    COMPANIES,
    MAKER_LOGINS,
    OFFICE_LOGINS,
    OFFICES,
    PASSWORD,
    SOFTWARE,
    STAFF_EMAIL,
    UNKNOWN_NUMBERS,
    DemoCompany,
    DemoOffice,
)
from apps.invoices.services.intake import Upload, receive_invoice
from apps.statements.services.intake import import_coda_file, receive_coda_file
from apps.tokens import secrets
from apps.tokens.models import Credential, Software, SoftwareKey, Vendor
from apps.tokens.rules import SoftwareState
from apps.tokens.services import exchange, office_access, requests, vendors
from apps.tokens.services import software as software_services
from apps.users.models import User

ACTOR: Final = "demo"
LINKED_SINCE: Final = date(2020, 1, 1)


class DemoNotAllowed(DomainError):
    """The demo has known passwords: it belongs on the embedded default and in the sandbox only."""

    code = "demo_not_allowed"
    sentence = "The demo world has known passwords: it is for the embedded default and the sandbox only."


def load_demo(*, now: datetime) -> bool:
    """Load the demo world; returns whether anything was made.

    :raises DemoNotAllowed: outside the embedded default and the sandbox.
    """
    if not (settings.EMBEDDED or settings.SANDBOX):
        raise DemoNotAllowed
    made = [_load_software(now)]
    # A password that everybody knows opens the back-office, and a maker's keys, on this machine only.
    made += [_load_staff(), _load_makers(now)] if settings.EMBEDDED else []
    made += [_load_office(office, now) for office in OFFICES]
    made += [_load_company(company, now) for company in COMPANIES]
    return any(made)


def _load_software(now: datetime) -> bool:
    known = set(SoftwareKey.objects.values_list("software__slug", flat=True))
    missing = [package for package in SOFTWARE if package.slug not in known]
    for package in missing:
        software = software_services.register_software(
            slug=package.slug, name=package.name, vendor_name=package.vendor, website=package.website,
            state=SoftwareState.LIVE, actor=ACTOR, now=now,
        )  # fmt: skip
        software_services.give_software_key(software_uuid=software.uuid, actor=ACTOR, now=now)
    return bool(missing)


def _load_staff() -> bool:
    return _person(STAFF_EMAIL, "nl", is_staff=True, is_superuser=True)[1]


def _load_makers(now: datetime) -> bool:
    """Give the people of makers their access; each is made once, so that who was removed stays so."""
    made = False
    for slug, email in MAKER_LOGINS.items():
        user, is_new = _person(email, "nl")
        if is_new:
            vendor = Vendor.objects.get(softwares__slug=slug)
            vendors.add_vendor_member(vendor_uuid=vendor.uuid, user=user, role=MemberRole.OWNER, actor=ACTOR, now=now)
            made = True
    return made


def _person(email: str, language: str, **flags: bool) -> tuple[User, bool]:
    user = User.objects.filter(email=email).first()
    if user:
        return user, False
    user = User.objects.create_user(email, PASSWORD, language=language, **flags)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user, True


def _load_office(demo: DemoOffice, now: datetime) -> bool:
    if AccountingOffice.objects.filter(enterprise_number=demo.enterprise_number).exists():
        return False
    office = office_services.apply_as_office(
        enterprise_number=demo.enterprise_number, name=demo.name, email=demo.email, language=demo.language,
        actor=ACTOR, now=now,
    )  # fmt: skip
    if not demo.is_client:
        return True
    # Its member comes first: an office that is approved without one is mailed a link.
    user, _made = _person(OFFICE_LOGINS[demo.slug], demo.language)
    office_members.add_office_member(office_uuid=office.uuid, user=user, role=MemberRole.OWNER, actor=ACTOR, now=now)
    office_services.approve_office(office_uuid=office.uuid, actor=ACTOR, now=now)
    office_access.give_office_credentials(
        office_uuid=office.uuid, password=_office_password(demo), actor=ACTOR, now=now
    )
    return True


def _office_password(demo: DemoOffice) -> str:
    return secrets.derive_password(demo.enterprise_number, key=settings.TOKEN_KEY)


def _load_company(demo: DemoCompany, now: datetime) -> bool:
    company = find_company(enterprise_number=demo.enterprise_number)
    if company is not None and company.enterprise_number != demo.enterprise_number:
        # Whoever tries the demo corrected its number, or merged it into another: it is theirs now.
        return False
    is_new = company is None
    if company is None:
        company = company_services.register_company(
            enterprise_number=demo.enterprise_number,
            name=demo.name,
            language=demo.language,
            actor=ACTOR,
            now=now,
        )
    # Each step looks for itself, so that a run which was killed half-way is completed by the next one.
    made = [step(demo, company, now) for step in (_put_contact, _link, _open_account, _move_state, _fill)]
    return is_new or any(made)


def _put_contact(demo: DemoCompany, company: Company, now: datetime) -> bool:
    if not demo.email or ContactEmail.objects.filter(company=company).exists():
        return False
    company_services.put_contact_on_file(company_uuid=company.uuid, address=demo.email, actor=ACTOR, now=now)
    if demo.scenario in {"ready", "connected"}:
        user, _made = _person(demo.email, demo.language)
        company_members.add_company_member(
            company_uuid=company.uuid, user=user, role=MemberRole.OWNER, actor=ACTOR, now=now
        )
    return True


def _link(demo: DemoCompany, company: Company, now: datetime) -> bool:
    if not demo.office or company.client_links.exists():
        return False
    number = next(office.enterprise_number for office in OFFICES if office.slug == demo.office)
    office = AccountingOffice.objects.get(enterprise_number=number)
    office_services.start_client_link(
        company_uuid=company.uuid, office_uuid=office.uuid, client_code=demo.name.split()[-2][:8].upper(),
        starts_on=LINKED_SINCE, actor=ACTOR, now=now,
    )  # fmt: skip
    return True


def _open_account(demo: DemoCompany, company: Company, now: datetime) -> bool:
    account = company_services.add_bank_account(
        company_uuid=company.uuid, iban=demo.iban, currency="EUR", bic=demo.bic, actor=ACTOR, now=now
    )
    if account.mandates.filter(starts_on__isnull=False).exists():
        return False
    mandate = office_services.request_mandate(
        bank_account_uuid=account.uuid, purpose=MandatePurpose.CODA, signer="", actor=ACTOR, now=now
    )
    if mandate.signed_at is None:
        office_services.sign_mandate(mandate_uuid=mandate.uuid, actor=ACTOR, now=now)
    office_services.activate_mandate(mandate_uuid=mandate.uuid, starts_on=LINKED_SINCE, actor=ACTOR, now=now)
    return True


def _move_state(demo: DemoCompany, company: Company, now: datetime) -> bool:
    if demo.scenario == "company_inactive" and company.state == CompanyState.ACTIVE:
        company_services.set_company_state(company_uuid=company.uuid, state=CompanyState.CEASED, actor=ACTOR, now=now)
        return True
    bounces = demo.scenario == "email_undeliverable"
    if bounces and ContactEmail.objects.filter(company=company, state=ContactState.ON_FILE).exists():
        company_services.set_contact_state(company_uuid=company.uuid, state=ContactState.BOUNCED, actor=ACTOR, now=now)
        return True
    return False


def _fill(demo: DemoCompany, company: Company, now: datetime) -> bool:
    fill: Callable[[DemoCompany, Company, datetime], bool] | None = {
        "ready": _fill_ready,
        "connected": _fill_connected,
    }.get(demo.scenario)
    return fill(demo, company, now) if fill else False


def _fill_ready(demo: DemoCompany, company: Company, now: datetime) -> bool:
    if company.bank_accounts.filter(statements__isnull=False).exists():
        return False
    _import(demo_statements.statement_files(demo, until=brussels_day(now)), demo, now)
    return True


def _fill_connected(demo: DemoCompany, company: Company, now: datetime) -> bool:
    software = Software.objects.get(slug="robaws")
    if company.bank_accounts.filter(statements__isnull=False).exists():
        return False
    today = brussels_day(now)
    sales = demo_invoices.demo_invoices(demo, today=today, paid_on=demo_statements.bank_days_before(today, 1)[0])
    if not company.connections.exists():
        _connect(company, software, now)
    for sale in sales:
        upload = Upload(company=company, software=software, document=sale.document, pdf=None)
        receive_invoice(upload=upload, actor="software:robaws", now=now)
    payments = [sale.payment for sale in sales if sale.payment]
    _import(demo_statements.statement_files(demo, until=today, payments=payments), demo, now)
    return True


def _connect(company: Company, software: Software, now: datetime) -> None:
    outcome = requests.request_connection(
        software=software, vat=company.enterprise_number, actor="software:robaws", now=now
    )
    if outcome.token:
        token = secrets.derive_token(outcome.token.uuid, key=settings.TOKEN_KEY)
        exchange.exchange_token(software=software, text=token, actor="software:robaws", now=now)


def _import(files: list[bytes], demo: DemoCompany, now: datetime) -> None:
    for serial, content in enumerate(files, start=1):
        name = f"{demo.iban}_{serial:02d}.cod"
        coda_file = receive_coda_file(content=content, name=name, actor=ACTOR, now=now)
        import_coda_file(coda_file_uuid=coda_file.uuid, now=now)


def describe_demo() -> dict[str, Any]:
    """Return the demo world for scripts, as the product page spells it."""
    keys = dict(SoftwareKey.objects.filter(disabled_at=None).order_by("-id").values_list("software__slug", "key"))
    return {
        "base_url": settings.BASE_URL,
        "software": [{"slug": s.slug, "name": s.name, "key": str(keys[s.slug])} for s in SOFTWARE],
        "companies": [
            {
                "enterprise_number": company.enterprise_number,
                "name": company.name,
                "email": company.email or None,
                "scenario": company.scenario,
                "office": next((o.name for o in OFFICES if o.slug == company.office), None),
                "iban": company.iban,
            }
            for company in COMPANIES
        ],
        "unknown_numbers": list(UNKNOWN_NUMBERS),
        "offices": [_describe_office(office) for office in OFFICES],
        "logins": _describe_logins(),
    }


def _describe_office(demo: DemoOffice) -> dict[str, Any]:
    credential = (
        Credential.objects.filter(office__enterprise_number=demo.enterprise_number, voided_at=None)
        .order_by("id")
        .first()
    )
    return {
        "name": demo.name,
        "enterprise_number": demo.enterprise_number,
        "username": credential.username if credential else None,
        "password": _office_password(demo) if credential else None,
    }


def _describe_logins() -> list[dict[str, Any]]:
    logins = [(STAFF_EMAIL, "staff", "admin")]
    logins += [(OFFICE_LOGINS[o.slug], "office", o.name) for o in OFFICES if o.slug in OFFICE_LOGINS]
    logins += [(MAKER_LOGINS[s.slug], "vendor", s.vendor) for s in SOFTWARE if s.slug in MAKER_LOGINS]
    logins += [(c.email, "company", c.name) for c in COMPANIES if c.scenario in {"ready", "connected"}]
    return [
        {"email": email, "password": PASSWORD, "role": role, "place": place, "totp_secret": None}
        for email, role, place in logins
    ]
