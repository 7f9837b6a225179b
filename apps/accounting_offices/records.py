"""An office's clients with everything that its own software asks for: accounts and mandates included."""

from datetime import date
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from apps.accounting_offices.models import AccountingOffice, ClientLink, Mandate
from apps.accounting_offices.rules import MandatePurpose
from apps.accounting_offices.selectors import current_links
from apps.companies.models import BankAccount, Company
from apps.companies.selectors import find_company
from apps.core.errors import NotFound
from apps.core.identifiers import normalise_enterprise_number

MOST_CLIENTS = 5_000


def list_client_records(*, office: AccountingOffice, on: date, number: str = "") -> list[ClientLink]:
    """Return the office's clients of a day, the earliest first and at most `MOST_CLIENTS`, with four queries.

    With a number (any spelling, or a former one) the one client that has it, or nobody.

    :raises InvalidEnterpriseNumber: when the number is not possible.
    """
    links = _records(office, on)
    if number:
        company = find_company(enterprise_number=normalise_enterprise_number(number))
        links = links.filter(company=company) if company else links.none()
    return list(links[:MOST_CLIENTS])


def get_client_record(*, office: AccountingOffice, on: date, company_uuid: UUID) -> ClientLink:
    """Return one client of the office of a day; by the uuid of a company that it absorbed, too.

    :raises NotFound: for any other.
    """
    absorbed = Company.objects.filter(uuid=company_uuid).values("merged_into")
    link = _records(office, on).filter(Q(company__uuid=company_uuid) | Q(company__in=absorbed)).first()
    if link is None:
        raise NotFound
    return link


def _records(office: AccountingOffice, on: date) -> QuerySet[ClientLink]:
    mandates = Mandate.objects.filter(purpose=MandatePurpose.CODA).order_by("pk")
    accounts = BankAccount.objects.order_by("pk").prefetch_related(Prefetch("mandates", mandates))
    links = current_links(office=office, on=on).select_related("company__contact_email", "office")
    return links.prefetch_related(Prefetch("company__bank_accounts", accounts)).order_by("pk")
