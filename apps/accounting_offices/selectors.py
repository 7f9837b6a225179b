"""The one tenancy rule, and what belongs to which office."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounting_offices.models import AccountingOffice, ClientLink, Mandate
from apps.accounting_offices.rules import LinkState, MandatePurpose
from apps.companies.models import BankAccount, Company
from apps.companies.rules import MemberRole
from apps.core.errors import NotFound
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a person has rights: a company or an office."""

    kind: str
    uuid: UUID
    name: str


def visible_companies(*, viewer: User, on: date) -> QuerySet[Company]:
    """Return the companies that a person may see on a day: their own, and the clients of their offices."""
    clients = ClientLink.objects.holding(on).filter(company=OuterRef("pk"), office__members__user=viewer)
    return Company.objects.live().filter(Q(members__user=viewer) | Exists(clients)).distinct()


def get_visible_company(*, viewer: User, company_uuid: UUID, on: date) -> Company:
    """Return one company that the person may see; by the uuid of one that it absorbed, too.

    :raises NotFound: for strangers, as for nothing at all.
    """
    company = visible_companies(viewer=viewer, on=on).filter(_known_as(company_uuid)).first()
    if company is None:
        raise NotFound
    return company


def get_member_company(*, viewer: User, company_uuid: UUID) -> Company:
    """Return one company that the person is a member of; by the uuid of one that it absorbed, too.

    :raises NotFound: for everybody else.
    """
    company = Company.objects.live().filter(_known_as(company_uuid), members__user=viewer).first()
    if company is None:
        raise NotFound
    return company


def _known_as(company_uuid: UUID) -> Q:
    return Q(uuid=company_uuid) | Q(pk__in=Company.objects.filter(uuid=company_uuid).values("merged_into"))


def is_owner(*, viewer: User, company: Company) -> bool:
    """Tell whether a person may change who acts for a company."""
    return company.members.filter(user=viewer, role=MemberRole.OWNER).exists()


def get_visible_office(*, viewer: User, office_uuid: UUID) -> AccountingOffice:
    """Return one office that the person is a member of.

    :raises NotFound: for strangers.
    """
    office = AccountingOffice.objects.filter(uuid=office_uuid, members__user=viewer).first()
    if office is None:
        raise NotFound
    return office


def list_places(*, viewer: User) -> list[Place]:
    """Return where a person has rights: companies first, then offices, each by name."""
    companies = Company.objects.live().filter(members__user=viewer).order_by("name")
    offices = AccountingOffice.objects.filter(members__user=viewer).order_by("name")
    return [Place("company", c.uuid, c.name) for c in companies] + [Place("office", o.uuid, o.name) for o in offices]


def office_in_force(*, company: Company, on: date) -> AccountingOffice | None:
    """Return the office to which a document of this day belongs, for ever; nothing when there is none."""
    link = link_in_force(company=company, on=on)
    return link.office if link else None


def link_in_force(*, company: Company, on: date) -> ClientLink | None:
    """Return the client link that holds a day."""
    return ClientLink.objects.holding(on).filter(company=company).select_related("office").first()


def current_links(*, office: AccountingOffice) -> QuerySet[ClientLink]:
    """Return the office's current client links with their companies."""
    return ClientLink.objects.filter(office=office, state=LinkState.CURRENT).select_related("company")


def has_coda_mandate(*, account: BankAccount, on: date) -> bool:
    """Tell whether a CODA mandate for the account is in force on a day."""
    return Mandate.objects.in_force(on).filter(bank_account=account, purpose=MandatePurpose.CODA).exists()
