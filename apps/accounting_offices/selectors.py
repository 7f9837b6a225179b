"""The one tenancy rule, and what belongs to which office."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value

from apps.accounting_offices.models import AccountingOffice, ClientLink, Mandate, OfficeMember
from apps.accounting_offices.rules import LinkState, MandatePurpose, OfficeState, is_in_force
from apps.companies.models import BankAccount, Company
from apps.core.errors import NotFound
from apps.core.identifiers import InvalidEnterpriseNumber, normalise_enterprise_number
from apps.core.searching import has_text
from apps.users.models import MailedLink, User
from apps.users.rules import FIRST_MEMBER_LINKS, LinkPurpose

MOST_OF_ONE_CODE: Final = 50
_NUMBER: Final = re.compile(r"(?:BE)?[ .]*\d[\d .]*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a person has rights: a company, an office, or a maker of software."""

    kind: str
    uuid: UUID
    name: str


@dataclass(frozen=True, slots=True)
class LinkedPlace(Place):
    """Where a mailed link leads, and why it may lead nowhere by now though nothing was done with it."""

    enterprise_number: str
    has_members: bool
    is_open: bool


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


def get_client_company(*, viewer: User, company_uuid: UUID, on: date) -> Company:
    """Return one company that is on that day a client of an office of the person's.

    :raises NotFound: for everybody else.
    """
    links = ClientLink.objects.holding(on).filter(office__members__user=viewer)
    company = Company.objects.filter(uuid=company_uuid, client_links__in=links).first()
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


def get_member_company_and_office(*, viewer: User, company_uuid: UUID, on: date) -> tuple[Company, str]:
    """Return one company of the person's, and the name of the office that keeps its books on a day; empty without one.

    :raises NotFound: for everybody else.
    """
    links = ClientLink.objects.holding(on).filter(company=OuterRef("pk"))
    known = Company.objects.live().filter(_known_as(company_uuid), members__user=viewer)
    company = known.annotate(office_name=Subquery(links.values("office__name")[:1])).first()
    if company is None:
        raise NotFound
    return company, str(getattr(company, "office_name", None) or "")


def get_client_of_office(*, viewer: User, office_uuid: UUID, company_uuid: UUID, on: date) -> Company:
    """Return a company that an office of which the person is a member keeps the books of on a day.

    :raises NotFound: for everybody else, and for another office's client.
    """
    links = ClientLink.objects.holding(on).filter(office__uuid=office_uuid, office__members__user=viewer)
    links = links.filter(company__uuid=company_uuid, office__state=OfficeState.CLIENT)
    link = links.select_related("company__contact_email").first()
    if link is None:
        raise NotFound
    return link.company


def list_clients_without_address(*, office: AccountingOffice, on: date) -> QuerySet[Company]:
    """Return the office's clients of a day that have no e-mail address on file, newest first."""
    clients = ClientLink.objects.holding(on).filter(office=office).values("company")
    return Company.objects.filter(pk__in=clients, contact_email=None).order_by("-id")


def _known_as(company_uuid: UUID) -> Q:
    return Q(uuid=company_uuid) | Q(pk__in=Company.objects.filter(uuid=company_uuid).values("merged_into"))


def get_visible_office(*, viewer: User, office_uuid: UUID) -> AccountingOffice:
    """Return one office that the person is a member of.

    :raises NotFound: for strangers.
    """
    office = AccountingOffice.objects.filter(uuid=office_uuid, members__user=viewer).first()
    if office is None:
        raise NotFound
    return office


def list_places(*, viewer: User, further: Iterable[QuerySet[Any, Any]] = ()) -> list[Place]:
    """Return where a person has rights: companies first, then offices, then what stands above us, each by name.

    `further` are queries for the same three columns: the kind of place, its uuid and its name.
    """
    companies = Company.objects.live().filter(members__user=viewer).values_list(Value("company"), "uuid", "name")
    offices = AccountingOffice.objects.filter(members__user=viewer).values_list(Value("office"), "uuid", "name")
    places = [Place(*row) for row in companies.union(offices, *further, all=True)]
    return sorted(places, key=lambda place: (place.kind, place.name.casefold()))


def place_of_link(link: MailedLink) -> LinkedPlace:
    """Return the company or office that a link leads into; it is open unless what a first member needs has changed.

    :raises NotFound: for a link of another purpose.
    """
    if link.purpose in {LinkPurpose.COMPANY_FIRST_MEMBER, LinkPurpose.COMPANY_INVITATION}:
        return _linked_company(link)
    if link.purpose in {LinkPurpose.OFFICE_FIRST_MEMBER, LinkPurpose.OFFICE_INVITATION}:
        return _linked_office(link)
    raise NotFound


def _linked_company(link: MailedLink) -> LinkedPlace:
    company = Company.objects.select_related("contact_email").get(uuid=link.subject_uuid)
    contact = getattr(company, "contact_email", None)
    is_open = contact is not None and contact.address.lower() == link.address.lower()
    return LinkedPlace(
        "company",
        company.uuid,
        company.name,
        company.enterprise_number,
        has_members=company.members.exists(),
        is_open=is_open or link.purpose not in FIRST_MEMBER_LINKS,
    )


def _linked_office(link: MailedLink) -> LinkedPlace:
    office = AccountingOffice.objects.get(uuid=link.subject_uuid)
    is_open = office.state == OfficeState.CLIENT and office.email.lower() == link.address.lower()
    return LinkedPlace(
        "office",
        office.uuid,
        office.name,
        office.enterprise_number,
        has_members=office.members.exists(),
        is_open=is_open or link.purpose not in FIRST_MEMBER_LINKS,
    )


def list_office_members(*, office: AccountingOffice) -> QuerySet[OfficeMember]:
    """Return an office's members with their people, the earliest first."""
    return office.members.select_related("user").order_by("since", "id")


def office_in_force(*, company: Company, on: date) -> AccountingOffice | None:
    """Return the office to which a document of this day belongs, for ever; nothing when there is none."""
    link = link_in_force(company=company, on=on)
    return link.office if link else None


def offices_in_force(*, company: Company, days: Collection[date]) -> dict[date, AccountingOffice]:
    """Return the office of each of some days, with one query; a day without one is absent."""
    links = list(ClientLink.objects.exclude(state=LinkState.CLAIMED).filter(company=company).select_related("office"))
    return {
        day: link.office
        for day in days
        for link in links
        if link.starts_on is not None and link.starts_on <= day and (link.ends_on is None or day < link.ends_on)
    }


def link_in_force(*, company: Company, on: date) -> ClientLink | None:
    """Return the client link that holds a day."""
    return ClientLink.objects.holding(on).filter(company=company).select_related("office").first()


def closed_until_on(*, company_id: int, days: Collection[date]) -> date | None:
    """Return up to which day books are closed that hold one of some days, when such a day is among the closed ones."""
    holding = Q()
    for day in days:
        holding |= Q(starts_on__lte=day, closed_until__gte=day) & (Q(ends_on=None) | Q(ends_on__gt=day))
    closed = ClientLink.objects.exclude(state=LinkState.CLAIMED).filter(holding, company_id=company_id)
    return closed.order_by("-closed_until").values_list("closed_until", flat=True).first()


def current_links(*, office: AccountingOffice, on: date) -> QuerySet[ClientLink]:
    """Return the office's client links that hold a day, with their companies."""
    return ClientLink.objects.holding(on).filter(office=office).select_related("company")


def list_clients(*, office: AccountingOffice, on: date) -> QuerySet[ClientLink]:
    """Return the office's clients of a day and later, by link, with their companies and addresses; in no order."""
    links = ClientLink.objects.listed().filter(Q(ends_on=None) | Q(ends_on__gt=on), office=office)
    return links.select_related("company__contact_email")


def search_clients(links: QuerySet[ClientLink], text: str) -> QuerySet[ClientLink]:
    """Keep the links whose company's name, client code or number has this text in it; a short text begins them."""
    found = has_text("company_name", text) | has_text("client_code", text)
    if _NUMBER.fullmatch(text):
        found |= has_text("company_number", "".join(char for char in text if char.isdecimal()))
    return links.filter(found)


def find_clients(*, office: AccountingOffice, text: str) -> list[ClientLink]:
    """Return the office's links, former ones too, with the company of this number; else the clients of this code."""
    links = ClientLink.objects.exclude(starts_on=None).filter(office=office).order_by("-id")
    try:
        number = normalise_enterprise_number(text)
    except InvalidEnterpriseNumber:
        return list(links.listed().filter(client_code=text)[:MOST_OF_ONE_CODE])
    return list(links.filter(company__enterprise_number=number)) or list(
        links.listed().filter(client_code=text)[:MOST_OF_ONE_CODE]
    )


def client_codes(*, office: AccountingOffice, company_ids: Collection[int]) -> dict[int, str]:
    """Return the office's newest code for each of some companies; absent when it has none."""
    links = ClientLink.objects.exclude(starts_on=None).exclude(client_code="")
    found = links.filter(office=office, company__in=company_ids).order_by("starts_on")
    return dict(found.values_list("company_id", "client_code"))


def list_claims_around(*, office: AccountingOffice, on: date) -> QuerySet[ClientLink]:
    """Return the claims that wait and that an office made, or that others made on clients that it has; oldest first.

    A client that it has on a day, or on the day that is asked.
    """
    own = ClientLink.objects.filter(office=office, company=OuterRef("company"))
    asked = OuterRef("claimed_from")
    held_then = own.exclude(starts_on=None).filter(Q(ends_on=None) | Q(ends_on__gt=asked), starts_on__lte=asked)
    return _waiting_claims(Q(office=office) | Exists(own.holding(on)) | Exists(held_then))


def list_claims_of(*, office: AccountingOffice) -> QuerySet[ClientLink]:
    """Return the claims that an office made and that still wait, oldest first."""
    return _waiting_claims(Q(office=office))


def list_claims_against(*, office: AccountingOffice, on: date) -> QuerySet[ClientLink]:
    """Return the claims of other offices among those around an office, oldest first."""
    return list_claims_around(office=office, on=on).exclude(office=office)


def _waiting_claims(condition: Q) -> QuerySet[ClientLink]:
    return ClientLink.objects.waiting().filter(condition).select_related("company", "office").order_by("pk")


def get_claim(*, viewer: User, office_uuid: UUID, link_uuid: UUID, on: date, is_own: bool) -> ClientLink:
    """Return a claim that an office made, or one against a client of it, for a member of that office.

    :raises NotFound: for strangers, as for nothing at all.
    """
    office = get_visible_office(viewer=viewer, office_uuid=office_uuid)
    claims = list_claims_of(office=office) if is_own else list_claims_against(office=office, on=on)
    claim = claims.filter(uuid=link_uuid).first()
    if claim is None:
        raise NotFound
    return claim


def mandated_days(*, account_days: Collection[tuple[int, date]]) -> set[tuple[int, date]]:
    """Return those of some accounts' days on which a CODA mandate for the account was in force, with one query."""
    accounts = {account_id for account_id, _day in account_days}
    mandates = Mandate.objects.filter(bank_account__in=accounts, purpose=MandatePurpose.CODA).exclude(starts_on=None)
    periods: dict[int, list[tuple[date | None, date | None]]] = {}
    for account_id, *period in mandates.values_list("bank_account", "starts_on", "ends_on"):
        periods.setdefault(account_id, []).append((period[0], period[1]))
    return {
        (account_id, day)
        for account_id, day in account_days
        if any(is_in_force(*period, on=day) for period in periods.get(account_id, ()))
    }


def coda_mandates(*, account_ids: Collection[int]) -> dict[int, list[Mandate]]:
    """Return the CODA mandates of each of some accounts, oldest first; absent without any."""
    found: dict[int, list[Mandate]] = {}
    mandates = Mandate.objects.filter(bank_account__in=account_ids, purpose=MandatePurpose.CODA)
    for mandate in mandates.order_by("pk"):
        found.setdefault(mandate.bank_account_id, []).append(mandate)
    return found


def mandate_of(mandates: Iterable[Mandate], *, on: date) -> Mandate | None:
    """Return the mandate that is in force on a day, else the newest of them."""
    found = None
    for mandate in mandates:
        if found is None or not is_in_force(found.starts_on, found.ends_on, on=on):
            found = mandate
    return found


def has_coda_mandate(*, account: BankAccount, on: date) -> bool:
    """Tell whether a CODA mandate for the account is in force on a day."""
    return Mandate.objects.in_force(on).filter(bank_account=account, purpose=MandatePurpose.CODA).exists()
