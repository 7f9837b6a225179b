"""Companies, offices and software, made through the services that make them in life."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from allauth.account.models import EmailAddress

from apps.accounting_offices import members as office_members
from apps.accounting_offices import services as offices
from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.rules import MandatePurpose
from apps.companies import members as company_members
from apps.companies import services as companies
from apps.companies.models import BankAccount, Company
from apps.companies.rules import MemberRole
from apps.core.identifiers import belgian_bban_to_iban
from apps.tokens.models import Software, SoftwareKey, Vendor
from apps.tokens.rules import SoftwareState
from apps.tokens.services import exchange, requests, vendors
from apps.tokens.services import software as softwares
from apps.users.models import User
from tests.factories.numbers import make_enterprise_number

ACTOR = "test"
numbers = count(1_000_001)


def enterprise_number() -> str:
    """Return a valid enterprise number that no other call returns."""
    return make_enterprise_number(f"{next(numbers):08d}")


def iban() -> str:
    """Return a valid Belgian IBAN that no other call returns."""
    first_ten = f"539{next(numbers):07d}"
    return belgian_bban_to_iban(f"{first_ten}{int(first_ten) % 97 or 97:02d}")


def make_office(
    now: datetime,
    *,
    is_client: bool = True,
    name: str = "Kantoor Peeters",
    email: str = "kantoor@example.be",
    language: str = "nl",
    has_member: bool = True,
) -> AccountingOffice:
    """Make an accounting office; unless said otherwise a client, with a member, so that it is mailed no link."""
    office = offices.apply_as_office(
        enterprise_number=enterprise_number(), name=name, email=email, language=language, actor=ACTOR, now=now
    )
    if has_member:
        partner = User.objects.create_user(f"vennoot-{office.enterprise_number}@example.be")
        make_member(now, partner, office=office)
    return offices.approve_office(office_uuid=office.uuid, actor=ACTOR, now=now) if is_client else office


def make_company(
    now: datetime,
    *,
    office: AccountingOffice | None = None,
    email: str | None = "zaak@example.be",
    language: str = "nl",
    name: str = "Loodgieterij Maes",
) -> Company:
    """Make a company with an address on file; linked to an office since 2020 when one is given."""
    company = companies.register_company(
        enterprise_number=enterprise_number(), name=name, language=language, actor=ACTOR, now=now
    )
    if email:
        companies.put_contact_on_file(company_uuid=company.uuid, address=email, actor=ACTOR, now=now)
    if office:
        offices.start_client_link(
            company_uuid=company.uuid, office_uuid=office.uuid, client_code="C1", starts_on=date(2020, 1, 1),
            actor=ACTOR, now=now,
        )  # fmt: skip
    return company


def make_account(now: datetime, company: Company, *, with_mandate: bool = True) -> BankAccount:
    """Make a bank account of a company, with a CODA mandate in force since 2020 unless said otherwise."""
    account = companies.add_bank_account(
        company_uuid=company.uuid, iban=iban(), currency="EUR", bic="GKCCBEBB", actor=ACTOR, now=now
    )
    if with_mandate:
        mandate = offices.request_mandate(
            bank_account_uuid=account.uuid, purpose=MandatePurpose.CODA, signer="", actor=ACTOR, now=now
        )
        offices.sign_mandate(mandate_uuid=mandate.uuid, actor=ACTOR, now=now)
        offices.activate_mandate(mandate_uuid=mandate.uuid, starts_on=date(2020, 1, 1), actor=ACTOR, now=now)
    return account


def make_software(now: datetime, *, slug: str = "robaws") -> SoftwareKey:
    """Make a live software and return its key."""
    software = softwares.register_software(
        slug=slug, name=slug.title(), vendor_name=f"{slug} makers", website="", state=SoftwareState.LIVE,
        actor=ACTOR, now=now,
    )  # fmt: skip
    return softwares.give_software_key(software_uuid=software.uuid, actor=ACTOR, now=now)


def make_user(email: str, *, language: str = "nl", is_staff: bool = False) -> User:
    """Make a person who can sign in with the password `een lang geheim`."""
    user = User.objects.create_user(
        email, "een lang geheim", language=language, is_staff=is_staff, is_superuser=is_staff
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@dataclass(frozen=True)
class Connected:
    """A company connected with a software, and the login that the software got."""

    company: Company
    software: Software
    key: str
    username: str
    password: str


def connect(now: datetime, company: Company, key: SoftwareKey) -> Connected:
    """Walk a company through request and exchange, without mail."""
    from django.conf import settings

    from apps.tokens import secrets

    outcome = requests.request_connection(software=key.software, vat=company.enterprise_number, actor=ACTOR, now=now)
    assert outcome.token is not None, outcome.refusal_code
    token = secrets.derive_token(outcome.token.uuid, key=settings.TOKEN_KEY)
    pair = exchange.exchange_token(software=key.software, text=token, actor=ACTOR, now=now)
    return Connected(company, key.software, str(key.key), pair.username, pair.password)


def make_member(
    now: datetime,
    user: User,
    *,
    company: Company | None = None,
    office: AccountingOffice | None = None,
    vendor: Vendor | None = None,
    role: MemberRole = MemberRole.OWNER,
) -> None:
    """Give a person access to a company, an office or a maker of software, as an owner unless said otherwise."""
    if company:
        company_members.add_company_member(company_uuid=company.uuid, user=user, role=role, actor=ACTOR, now=now)
    if office:
        office_members.add_office_member(office_uuid=office.uuid, user=user, role=role, actor=ACTOR, now=now)
    if vendor:
        vendors.add_vendor_member(vendor_uuid=vendor.uuid, user=user, role=role, actor=ACTOR, now=now)
