"""Reading statements and movements."""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When

from apps.accounting_offices.models import AccountingOffice, ClientLink, Mandate
from apps.accounting_offices.rules import MandatePurpose
from apps.accounting_offices.selectors import get_member_company, get_visible_office, has_coda_mandate, link_in_force
from apps.companies.models import BankAccount, Company
from apps.core.errors import NotFound
from apps.core.searching import has_text
from apps.core.structured_communication import InvalidStructuredCommunication, parse_structured_communication
from apps.statements.models import CodaFinding, Movement, Statement
from apps.statements.pdf import Totals
from apps.statements.rules import HOLDING_IDENTITY, StatementState
from apps.users.models import User

# A duplicate says nothing that its first one does not.
_SHOWN: Final = (StatementState.IMPORTED, StatementState.HELD)
_BOOKED: Final = Q(parent_ordinal=None, detail=0)
# Country, check digits, and enough more to mean one.
_ACCOUNT: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{2}")


def list_statements(*, company: Company, since: date) -> QuerySet[Statement]:
    """Return a company's imported statements from a day on, oldest first."""
    return Statement.objects.filter(
        account__company=company, state=StatementState.IMPORTED, new_balance_on__gte=since
    ).order_by("new_balance_on", "id")


def get_statement_of_member(*, viewer: User, company_uuid: UUID, statement_uuid: UUID) -> Statement:
    """Return a statement of an account of a company of which the person is a member, its account and file joined.

    :raises NotFound: for strangers, for another company's, and for one that came twice.
    """
    company = get_member_company(viewer=viewer, company_uuid=company_uuid)
    return _shown_statement(statement_uuid, Q(account__company=company))


def get_statement_of_office(*, viewer: User, office_uuid: UUID, statement_uuid: UUID) -> Statement:
    """Return a statement whose company an office of the person's had as a client on its day, with a mandate that day.

    :raises NotFound: for everybody else, as for nothing at all.
    """
    office = get_visible_office(viewer=viewer, office_uuid=office_uuid)
    statement = _shown_statement(statement_uuid, Q(account__isnull=False))
    account, day = statement.account, statement.new_balance_on
    assert account is not None  # noqa: S101 # the condition above
    link = link_in_force(company=account.company, on=day)
    if link is None or link.office_id != office.pk or not has_coda_mandate(account=account, on=day):
        raise NotFound
    return statement


def get_account_of_member(*, viewer: User, company_uuid: UUID, account_uuid: UUID) -> BankAccount:
    """Return an account of a company of which the person is a member, the company joined.

    :raises NotFound: for everybody else.
    """
    company = get_member_company(viewer=viewer, company_uuid=company_uuid)
    account = BankAccount.objects.filter(company=company, uuid=account_uuid).select_related("company").first()
    if account is None:
        raise NotFound
    return account


def get_account_of_office(*, viewer: User, office_uuid: UUID, account_uuid: UUID) -> BankAccount:
    """Return an account of which the person's office may see at least one statement, its company joined.

    :raises NotFound: for everybody else.
    """
    office = get_visible_office(viewer=viewer, office_uuid=office_uuid)
    account = BankAccount.objects.filter(uuid=account_uuid).select_related("company").first()
    if account is None or not list_statements_of(account=account, office=office).exists():
        raise NotFound
    return account


def list_statements_of(*, account: BankAccount, office: AccountingOffice | None = None) -> QuerySet[Statement]:
    """Return the imported statements of an account, oldest first; for an office those of days that are its own.

    These are the days on which it kept the company's books and a mandate was in force.
    """
    rows = list_company_statements(company_id=account.company_id, office=office).filter(account=account)
    return rows.order_by("new_balance_on", "id")


def list_company_statements(*, company_id: int, office: AccountingOffice | None = None) -> QuerySet[Statement]:
    """Return the imported statements of a company's accounts, in no order; for an office those of its own days."""
    rows = Statement.objects.filter(account__company_id=company_id, state=StatementState.IMPORTED)
    if office is not None:
        day = OuterRef("new_balance_on")
        links = ClientLink.objects.holding(day).filter(company=company_id, office=office)
        mandates = Mandate.objects.in_force(day).filter(bank_account=OuterRef("account"), purpose=MandatePurpose.CODA)
        rows = rows.filter(Exists(links), Exists(mandates))
    return rows


def list_lines_of(*, statements: Collection[Statement]) -> QuerySet[Movement]:
    """Return every line of some statements with its statement, in the order of the bank, oldest first."""
    rows = Movement.objects.filter(statement__in=[statement.pk for statement in statements])
    return rows.select_related("statement").order_by("statement__new_balance_on", "statement_id", "ordinal")


def _shown_statement(statement_uuid: UUID, condition: Q) -> Statement:
    shown = Statement.objects.filter(condition, uuid=statement_uuid, state__in=_SHOWN)
    statement = shown.select_related("account__company", "coda_file__blob").first()
    if statement is None:
        raise NotFound
    return statement


def list_lines(*, statement: Statement) -> QuerySet[Movement]:
    """Return every line of a statement, details included, in no order."""
    return statement.movements.all()


def list_totals_of(*, statement: Statement, ordinals: Collection[int]) -> dict[int, Movement]:
    """Return movements of a statement by their ordinal: the totals of details that stand apart from them."""
    return {row.ordinal: row for row in statement.movements.filter(ordinal__in=ordinals)} if ordinals else {}


def neighbours_of(*, statement: Statement) -> tuple[Statement | None, Statement | None]:
    """Return the imported statements of the account before and after one, by their days."""
    day, key = statement.new_balance_on, statement.pk
    others = Statement.objects.filter(account=statement.account, state=StatementState.IMPORTED)
    order = ("new_balance_on", "id")
    before = others.filter(Q(new_balance_on__lt=day) | Q(new_balance_on=day, pk__lt=key)).order_by(*order).last()
    return before, others.filter(Q(new_balance_on__gt=day) | Q(new_balance_on=day, pk__gt=key)).order_by(*order).first()


def total_up(*, statement: Statement) -> Totals:
    """Add up what is booked in a statement; details restate their total."""
    return total_up_each([statement]).get(
        statement.pk, Totals(lines=0, movements=0, credit=Decimal(0), debit=Decimal(0))
    )


def total_up_each(statements: Collection[Statement]) -> dict[int, Totals]:
    """Add up what is booked in each of some statements, by their ids; one without lines is absent."""
    amount = Case(When(_BOOKED, then=F("amount")))
    rows = Movement.objects.filter(statement__in=[statement.pk for statement in statements]).values("statement_id")
    found = rows.annotate(
        lines=Count("pk"),
        movements=Count("pk", filter=_BOOKED),
        credit=Sum(amount, filter=Q(amount__gt=0), default=Decimal(0)),
        debit=Sum(amount, filter=Q(amount__lt=0), default=Decimal(0)),
    ).order_by()
    return {
        row["statement_id"]: Totals(
            lines=row["lines"], movements=row["movements"], credit=row["credit"], debit=row["debit"]
        )
        for row in found
    }


def list_movements(*, company: Company) -> QuerySet[Movement]:
    """Return a company's money with its statements, newest first."""
    return Movement.objects.filter(company=company).select_related("statement").order_by("-entry_on", "-id")


def search_movements(movements: QuerySet[Movement], text: str, amount: Decimal | None) -> QuerySet[Movement]:
    """Keep the movements with this text in the counterparty's name or the communication; a short text begins them.

    An amount is meant in either direction; an account by its beginning, a structured communication whole, both in
    any spelling.
    """
    found = has_text("counterparty_name", text) | has_text("communication", text)
    if amount is not None:
        found |= Q(amount__in=[amount, -amount])
    if (account := re.sub(r"[\s.-]", "", text).upper()) and _ACCOUNT.match(account):
        found |= Q(counterparty_iban__startswith=account)
    with suppress(InvalidStructuredCommunication):
        found |= Q(structured_communication=parse_structured_communication(text))
    return movements.filter(found)


def find_standing(statement: Statement) -> Statement | None:
    """Return the other statement of the same identity that counts, or waits for its account."""
    others = Statement.objects.filter(identity=statement.identity, state__in=HOLDING_IDENTITY).exclude(pk=statement.pk)
    return others.select_related("coda_file").first()


def list_statement_findings(*, statement: Statement) -> QuerySet[CodaFinding]:
    """Return the findings of a statement, by line."""
    return statement.findings.order_by("line", "column", "id")
