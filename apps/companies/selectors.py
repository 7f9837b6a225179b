"""Reading companies and accounts."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.companies.models import BankAccount, Company, CompanyMember, CompanyNumber, ContactChange, ContactEmail
from apps.companies.rules import MemberRole, NumberKind
from apps.core.errors import NotFound
from apps.events.models import Event
from apps.events.selectors import list_events_of_companies
from apps.users.models import User


def find_company(*, enterprise_number: str) -> Company | None:
    """Return the company with this (normalised) enterprise number, its address on file joined.

    A company is also found by a former number, unless that is by now another company's number: a software that
    was never told of the change goes on working. A merged company is never returned: its number is a former one of
    the company that goes on.
    """
    known = Company.objects.live().select_related("contact_email")
    by_key = known.filter(enterprise_number=enterprise_number).first()
    return by_key or known.filter(further_numbers__in=_former(enterprise_number)).first()


def has_other_owner(*, company: Company, number: str) -> bool:
    """Tell whether a (normalised) number is, or was, another company's; what it absorbed is no other company."""
    others = Company.objects.live().exclude(pk=company.pk)
    return others.filter(Q(enterprise_number=number) | Q(further_numbers__in=_former(number))).exists()


def contact_of(company: Company) -> ContactEmail | None:
    """Return the company's address on file, if there is one."""
    return ContactEmail.objects.filter(company=company).first()


def open_contact_change(*, company: Company, now: datetime) -> ContactChange | None:
    """Return the new address that waits to be confirmed, while its link works."""
    waiting = ContactChange.objects.filter(company_uuid=company.uuid, confirmed_at=None, cancelled_at=None)
    return waiting.filter(link__expires_at__gt=now).select_related("link").first()


def is_owner(*, company: Company, viewer: User) -> bool:
    """Tell whether a person is an owner of a company."""
    return company.members.filter(user=viewer, role=MemberRole.OWNER).exists()


def _former(number: str) -> QuerySet[CompanyNumber]:
    return CompanyNumber.objects.filter(number=number, kind=NumberKind.FORMER)


def numbers_valid_on(*, company: Company, on: date) -> set[str]:
    """Return every number under which the company may issue a document of this day."""
    further = CompanyNumber.objects.filter(company=company).filter(Q(valid_until=None) | Q(valid_until__gt=on))
    return {company.enterprise_number, *further.values_list("number", flat=True)}


def list_trail(*, company: Company) -> QuerySet[Event]:
    """Return what happened to a company and to those it absorbed, newest first.

    Events are never rewritten: those of an absorbed company go on naming it.
    """
    uuids = [company.uuid, *company.absorbed.values_list("uuid", flat=True)]
    return list_events_of_companies(uuids)


def find_account(*, iban: str, currency: str) -> BankAccount | None:
    """Return the account with this IBAN and currency, its company joined."""
    return BankAccount.objects.select_related("company").filter(iban=iban, currency=currency).first()


def list_company_members(*, company: Company) -> QuerySet[CompanyMember]:
    """Return a company's members with their people, the earliest first."""
    return company.members.select_related("user").order_by("since", "id")


def list_accounts(*, company: Company) -> QuerySet[BankAccount]:
    """Return a company's bank accounts; in no order."""
    return BankAccount.objects.filter(company=company)


def get_account(*, company: Company, account_uuid: UUID) -> BankAccount:
    """Return one bank account of a company, the company joined.

    :raises NotFound: for another company's.
    """
    account = list_accounts(company=company).select_related("company").filter(uuid=account_uuid).first()
    if account is None:
        raise NotFound
    return account
