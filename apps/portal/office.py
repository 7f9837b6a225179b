"""An accounting office's first page: what there is to do, the most urgent first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounting_offices.client_imports import ClientImport, find_import_to_look_at
from apps.accounting_offices.office_work import ClientCounts, count_clients, list_undeliverable
from apps.accounting_offices.selectors import get_visible_office, list_claims_around
from apps.core import clock
from apps.core.clock import brussels_day
from apps.delivery.account_lists import count_accounts_in_need
from apps.delivery.selectors import count_answered, count_new_in_inbox
from apps.tokens.waiting_clients import WaitingClient, list_waiting_clients
from apps.users.selectors import viewer_of

# Of each group the page shows so many by name, and counts no further than this.
SHOWN = 20
COUNTED = 200
INVOICES_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for an office."""

    waiting: list[WaitingClient]
    claims_against: list[Any]
    own_claims: list[Any]
    undeliverable: list[Any]
    undeliverable_count: int
    answered: int
    new_invoices: int
    import_to_look_at: ClientImport | None
    counts: ClientCounts
    accounts_in_need: int

    @property
    def is_new(self) -> bool:
        """Tell whether the office has no clients and claimed none."""
        return not self.counts.clients and not self.own_claims

    @property
    def is_about_clients(self) -> bool:
        """Tell whether clients or transfers wait: these come before everything else."""
        return bool(self.waiting or self.claims_against or self.undeliverable_count)

    @property
    def is_about_invoices(self) -> bool:
        """Tell whether new invoices are the most urgent."""
        return not self.is_about_clients and not self.answered and self.new_invoices > 0

    @property
    def is_about_answers(self) -> bool:
        """Tell whether answers of companies are the most urgent."""
        return not self.is_about_clients and self.answered > 0

    @property
    def is_about_import(self) -> bool:
        """Tell whether an import is the most urgent."""
        has_invoices = self.answered or self.new_invoices
        return not self.is_about_clients and not has_invoices and self.import_to_look_at is not None

    @property
    def heading(self) -> str:
        """Answer "what is there to do" in one sentence: the most urgent of it."""
        if count := len(self.waiting):
            return ngettext("%d client cannot connect", "%d clients cannot connect", count) % count
        if count := len(self.claims_against):
            return ngettext("%d transfer waits for your answer", "%d transfers wait for your answer", count) % count
        if count := self.undeliverable_count:
            return ngettext("%d client gets no e-mail from us", "%d clients get no e-mail from us", count) % count
        if count := self.answered:
            return ngettext("%d question was answered", "%d questions were answered", count) % count
        if count := self.new_invoices:
            return ngettext("%d new invoice", "%d new invoices", count) % count
        if self.is_about_import:
            return _("Your list of clients waits for you")
        if count := self.accounts_in_need:
            return ngettext("%d bank account needs somebody", "%d bank accounts need somebody", count) % count
        return _("First add your clients") if self.is_new else _("Nothing to do")


@login_required
def office(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Show an office its work list."""
    shown = get_visible_office(viewer=viewer_of(request), office_uuid=office_uuid)
    now = clock.now()
    context = {
        "office": shown,
        "work": _find_work(shown, now),
        "shown": SHOWN,
        "counted": COUNTED,
        "invoices_counted": INVOICES_COUNTED,
    }
    return render(request, "portal/office.html", context)


def _find_work(shown: Any, now: datetime) -> Work:
    today: date = brussels_day(now)
    claims = list(list_claims_around(office=shown, on=today)[:COUNTED])
    waiting = list_waiting_clients(office=shown, on=today, at_most=COUNTED)
    counts = count_clients(office=shown, on=today)
    # Those that asked to be connected stand among the waiting.
    asked = [client.uuid for client in waiting if client.has_failing_address]
    return Work(
        waiting=waiting,
        claims_against=[claim for claim in claims if claim.office_id != shown.pk],
        own_claims=[claim for claim in claims if claim.office_id == shown.pk],
        undeliverable=list(list_undeliverable(office=shown, on=today, but=asked)[:SHOWN]),
        undeliverable_count=counts.undeliverable - len(asked),
        answered=count_answered(office=shown, at_most=INVOICES_COUNTED),
        new_invoices=count_new_in_inbox(office=shown, at_most=INVOICES_COUNTED),
        import_to_look_at=find_import_to_look_at(office=shown, now=now),
        counts=counts,
        accounts_in_need=count_accounts_in_need(office=shown, on=today, at_most=COUNTED),
    )
