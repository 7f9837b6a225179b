"""Reading statements and movements."""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet

from apps.companies.models import Company
from apps.core.searching import has_text
from apps.core.structured_communication import InvalidStructuredCommunication, parse_structured_communication
from apps.statements.models import CodaFinding, Movement, Statement
from apps.statements.rules import StatementState

# Country, check digits, and enough more to mean one.
_ACCOUNT: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{2}")


def list_statements(*, company: Company, since: date) -> QuerySet[Statement]:
    """Return a company's imported statements from a day on, oldest first."""
    return Statement.objects.filter(
        account__company=company, state=StatementState.IMPORTED, new_balance_on__gte=since
    ).order_by("new_balance_on", "id")


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


def list_statement_findings(*, statement: Statement) -> QuerySet[CodaFinding]:
    """Return the findings of a statement, by line."""
    return statement.findings.order_by("line", "column", "id")
