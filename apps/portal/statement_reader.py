"""Who reads a statement, from which place: its company, or the office with a mandate on its day; nobody else."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from apps.accounting_offices import selectors as offices
from apps.core.errors import NotFound
from apps.statements import selectors as statements
from apps.users.selectors import viewer_of


@dataclass(frozen=True, slots=True)
class StatementReader:
    """A statement with the place from which somebody reads it; `place` is a company or an office."""

    kind: Literal["company", "office"]
    place: Any
    statement: Any

    @property
    def is_office(self) -> bool:
        """Say whether an accounting office reads it."""
        return self.kind == "office"

    @property
    def is_held(self) -> bool:
        """Say whether nothing of it counts: it contradicts itself, or another of its number stands."""
        return bool(self.statement.state == "held")

    @property
    def is_replaced(self) -> bool:
        """Say whether it is held because another of its number counts."""
        return self.is_held and self.statement.replaced_by_id is not None

    @property
    def replacement_url(self) -> str:
        """Return the page of the one that counts in its place; empty where this reader may not see it."""
        other = self.statement.replaced_by
        if other is None or other.state != "imported" or other.account_id != self.statement.account_id:
            return ""
        # An office's mandate is judged by the day of a statement.
        is_seen = not self.is_office or other.new_balance_on == self.statement.new_balance_on
        return self.url_of(other) if is_seen else ""

    def url_of(self, statement: Any) -> str:
        """Return the page of a statement of the same account, in the same place."""
        name = "portal:office-statement" if self.is_office else "portal:statement"
        return reverse(name, args=[self.place.uuid, statement.uuid])

    @property
    def account_url(self) -> str:
        """Return the page of its account."""
        name = "portal:office-account" if self.is_office else "portal:company-account"
        return reverse(name, args=[self.place.uuid, self.statement.account.uuid])

    @property
    def period_url(self) -> str:
        """Return where a period of its account is handed over."""
        name = "portal:office-account-export" if self.is_office else "portal:account-export"
        return reverse(name, args=[self.place.uuid, self.statement.account.uuid])

    def file_url(self, file_format: str) -> str:
        """Return where the statement is in a format."""
        return f"{self.url_of(self.statement)}{file_format}/"


def statement_reader_of(
    request: HttpRequest, statement_uuid: UUID, *, company_uuid: UUID | None = None, office_uuid: UUID | None = None
) -> StatementReader:
    """Return the signed-in person as the reader of a statement, from the place that the address names.

    :raises NotFound: for who has no right there, or a statement that is not there.
    """
    viewer = viewer_of(request)
    if company_uuid is not None:
        found = statements.get_statement_of_member(
            viewer=viewer, company_uuid=company_uuid, statement_uuid=statement_uuid
        )
        assert found.account is not None  # noqa: S101 # it was found by its account
        return StatementReader("company", found.account.company, found)
    if office_uuid is None:
        raise NotFound
    found = statements.get_statement_of_office(viewer=viewer, office_uuid=office_uuid, statement_uuid=statement_uuid)
    return StatementReader("office", offices.get_visible_office(viewer=viewer, office_uuid=office_uuid), found)
