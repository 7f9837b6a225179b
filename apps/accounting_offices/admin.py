"""Accounting offices, client links and mandates in the back-office."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices import applications, members, services, transfers
from apps.accounting_offices.import_pages import import_page
from apps.accounting_offices.models import AccountingOffice, ClientLink, Mandate, OfficeApplication, OfficeMember
from apps.accounting_offices.rules import ApplicationState, LinkState, OfficeState
from apps.core import clock
from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline, reason_form, run_for_each


class OfficeMemberInline(ReadOnlyInline[OfficeMember]):
    """The office's members."""

    model = OfficeMember


@admin.register(AccountingOffice)
class AccountingOfficeAdmin(ReadOnlyAdmin[AccountingOffice]):
    """Offices: staff approve those that applied, and end those that leave."""

    list_display = ("enterprise_number", "name", "state", "applied_at", "client_at", "former_at")
    list_filter = ("state", "language")
    search_fields = ("enterprise_number", "name", "email")
    inlines = (OfficeMemberInline,)
    actions = ("approve", "end", "send_first_member_link")

    def get_urls(self) -> list[Any]:
        """Add the page that imports an office's clients."""
        page = self.admin_site.admin_view(self._import_clients)
        return [
            path("<int:pk>/import/", page, name="accounting_offices_accountingoffice_import"),
            *super().get_urls(),
        ]

    def _import_clients(self, request: HttpRequest, pk: int) -> HttpResponse:
        return import_page(request, self.get_queryset(request).filter(pk=pk).first())

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountingOffice]:
        """Return the offices by name, those that wait for staff first."""
        has_applied = Case(When(state=OfficeState.APPLIED, then=Value(0)), default=Value(1))
        return super().get_queryset(request).order_by(has_applied, "name")

    @admin.action(description=_("Approve as a client"))
    def approve(self, request: HttpRequest, queryset: QuerySet[AccountingOffice]) -> None:
        """Make the chosen offices clients."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.approve_office(office_uuid=row.uuid, actor=actor, now=now),
            str(_("approved")),
        )

    @admin.action(description=_("End: no longer a client"))
    def end(self, request: HttpRequest, queryset: QuerySet[AccountingOffice]) -> None:
        """End the chosen offices."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.end_office(office_uuid=row.uuid, actor=actor, now=now),
            str(_("ended")),
        )

    @admin.action(description=_("Send a link to the first member"))
    def send_first_member_link(self, request: HttpRequest, queryset: QuerySet[AccountingOffice]) -> None:
        """Mail the chosen offices the link of their first member."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: members.send_first_member_link(office_uuid=row.uuid, actor=actor, now=now),
            str(_("sent")),
        )


@admin.register(OfficeApplication)
class OfficeApplicationAdmin(ReadOnlyAdmin[OfficeApplication]):
    """Applications sent by the form, the undecided ones first. Anybody can send one: check who asks."""

    list_display = ("enterprise_number", "name", "email", "applicant", "state", "applied_at", "decided_at")
    list_filter = ("state", "language")
    search_fields = ("enterprise_number", "name", "email", "applicant")
    action_form = reason_form(_("Reason (the applicant reads it)"), longest=500)
    actions = ("approve", "decline")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OfficeApplication]:
        """Return the applications, those that wait for staff first."""
        is_decided = Case(When(state=ApplicationState.OPEN, then=Value(0)), default=Value(1))
        return super().get_queryset(request).order_by(is_decided, "-id")

    @admin.action(description=_("Approve: the office becomes a client"))
    def approve(self, request: HttpRequest, queryset: QuerySet[OfficeApplication]) -> None:
        """Approve the chosen applications."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: applications.approve_application(
                application_uuid=row.uuid, actor=actor, now=now
            ),
            str(_("approved")),
        )

    @admin.action(description=_("Decline with the reason"))
    def decline(self, request: HttpRequest, queryset: QuerySet[OfficeApplication]) -> None:
        """Decline the chosen applications."""
        reason = request.POST.get("reason", "")
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: applications.decline_application(
                application_uuid=row.uuid, reason=reason, actor=actor, now=now
            ),
            str(_("declined")),
        )


class LinkForm(helpers.ActionForm):
    """The day and the reason that staff give with an action."""

    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason (the claiming office reads it)"), required=False, max_length=300)


@admin.register(ClientLink)
class ClientLinkAdmin(ReadOnlyAdmin[ClientLink]):
    """Which office kept whose books when; claims that wait come first."""

    list_display = (
        "company", "office", "client_code", "state", "claimed_from", "starts_on", "ends_on", "objection", "refusal",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("company", "office")
    search_fields = ("company__enterprise_number", "company__name", "office__name", "client_code")
    action_form = LinkForm
    actions = ("confirm", "refuse", "end")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClientLink]:
        """Return the links, those that wait for somebody first."""
        waits = Case(When(state=LinkState.CLAIMED, then=Value(0)), default=Value(1))
        return super().get_queryset(request).order_by(waits, "-id")

    @admin.action(description=_("Confirm the transfer on the day"))
    def confirm(self, request: HttpRequest, queryset: QuerySet[ClientLink]) -> None:
        """Let the chosen claims start on the day, or else on the day that was asked, or today."""
        day = _day(request)
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: transfers.confirm_transfer(
                link_uuid=row.uuid, starts_on=day or row.claimed_from or clock.today(), actor=actor, now=now
            ),
            str(_("confirmed")),
        )

    @admin.action(description=_("Refuse the claim with the reason"))
    def refuse(self, request: HttpRequest, queryset: QuerySet[ClientLink]) -> None:
        """Refuse the chosen claims."""
        reason = request.POST.get("reason", "")
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: transfers.refuse_claim(link_uuid=row.uuid, reason=reason, actor=actor, now=now),
            str(_("refused")),
        )

    @admin.action(description=_("End on the day, or today"))
    def end(self, request: HttpRequest, queryset: QuerySet[ClientLink]) -> None:
        """End the chosen links."""
        day = _day(request) or clock.today()
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.end_client_link(link_uuid=row.uuid, ends_on=day, actor=actor, now=now),
            str(_("ended")),
        )


def _day(request: HttpRequest) -> date | None:
    text = request.POST.get("day", "")
    return parse_date(text) if text else None


@admin.register(Mandate)
class MandateAdmin(ReadOnlyAdmin[Mandate]):
    """Which bank delivers what since when."""

    list_display = ("bank_account", "purpose", "state", "starts_on", "ends_on", "reason")
    list_filter = ("state", "purpose")
    list_select_related = ("bank_account",)
    search_fields = ("bank_account__iban", "bank_account__company__enterprise_number")
