"""Reading statements and movements."""

from datetime import date

from django.db.models import QuerySet

from apps.companies.models import Company
from apps.statements.models import CodaFinding, Movement, Statement
from apps.statements.rules import StatementState


def list_statements(*, company: Company, since: date) -> QuerySet[Statement]:
    """Return a company's imported statements from a day on, oldest first."""
    return Statement.objects.filter(
        account__company=company, state=StatementState.IMPORTED, new_balance_on__gte=since
    ).order_by("new_balance_on", "id")


def list_movements(*, company: Company) -> QuerySet[Movement]:
    """Return a company's money, newest first."""
    return (
        Movement.objects.filter(
            statement__account__company=company, statement__state=StatementState.IMPORTED, is_money=True
        )
        .select_related("statement")
        .order_by("-entry_on", "-id")
    )


def list_statement_findings(*, statement: Statement) -> QuerySet[CodaFinding]:
    """Return the findings of a statement, by line."""
    return statement.findings.order_by("line", "column", "id")
