"""Companies in the back-office."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from apps.companies import contacts, holds, members, merge_page, services
from apps.companies.forms import NumberField
from apps.companies.labels import COMPANY_STATES, CONTACT_STATES
from apps.companies.models import (
    BankAccount,
    Company,
    CompanyMember,
    CompanyNumber,
    ContactChange,
    ContactEmail,
    LegalHold,
)
from apps.companies.rules import CompanyState, ContactState
from apps.companies.selectors import find_company, list_trail
from apps.core import clock
from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline, run_for_each, staff_actor
from apps.core.identifiers import format_enterprise_number

TRAIL_LENGTH: Final = 50


class BankAccountInline(ReadOnlyInline[BankAccount]):
    """The company's accounts."""

    model = BankAccount


class CompanyNumberInline(ReadOnlyInline[CompanyNumber]):
    """The company's further numbers."""

    model = CompanyNumber


class LegalHoldInline(ReadOnlyInline[LegalHold]):
    """The company's legal holds, present and past."""

    model = LegalHold


class CompanyMemberInline(ReadOnlyInline[CompanyMember]):
    """The company's members."""

    model = CompanyMember


class VatUnitForm(forms.Form):
    """The number that staff add to a company."""

    new_number = NumberField(label=_("New number"))


class CorrectionForm(VatUnitForm):
    """The number that a company gets, and the day of its first documents."""

    valid_from = forms.DateField(label=_("Valid from"))


class NumberActionForm(helpers.ActionForm):
    """The fields beside the actions; what they hold is checked by the action that needs them."""

    new_number = forms.CharField(label=_("New number"), required=False, max_length=30)
    valid_from = forms.CharField(label=_("Valid from"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason of the legal hold"), required=False, max_length=300)


@admin.register(Company)
class CompanyAdmin(ReadOnlyAdmin[Company]):
    """Companies: found by number or name, moved by actions. Merged ones are shown with where they went."""

    list_display = ("enterprise_number", "name", "language", "state", "merged_into", "contact")
    list_filter = ("state", "language")
    list_select_related = ("contact_email", "merged_into")
    search_fields = ("enterprise_number", "name", "contact_email__address")
    ordering = ("name",)
    inlines = (BankAccountInline, CompanyNumberInline, LegalHoldInline, CompanyMemberInline)
    action_form = NumberActionForm
    actions = (
        "mark_active",
        "mark_ceased",
        "mark_blocked",
        "correct_number",
        "add_vat_unit",
        "merge",
        "send_first_member_link",
        "place_hold",
        "lift_hold",
    )
    readonly_fields = ("trail",)

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which two companies become one."""
        page = self.admin_site.admin_view(self.merge_view)
        return [path("<int:company_id>/merge/", page, name=merge_page.ROUTE), *super().get_urls()]

    def merge_view(self, request: HttpRequest, company_id: int) -> HttpResponse:
        """Show the page for one company."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return merge_page.show(request, company_id, context=self.admin_site.each_context(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Company], search_term: str
    ) -> tuple[QuerySet[Company], bool]:
        """Offer only live companies where one is to be chosen."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        is_choosing = request.resolver_match is not None and request.resolver_match.url_name == "autocomplete"
        return found.exclude(state=CompanyState.MERGED) if is_choosing else found, may_repeat

    @admin.display(description=_("latest events"))
    def trail(self, company: Company) -> str:
        """Show what happened lately to the company and to those it absorbed."""
        rows = list_trail(company=company)[:TRAIL_LENGTH]
        return format_html_join(
            "",
            "{} {} {}<br>",
            ((localtime(row.at).isoformat(" ", "minutes")[:16], row.name, row.actor) for row in rows),
        )

    @admin.display(description=_("e-mail address"))
    def contact(self, company: Company) -> str:
        """Show the address on file with its state."""
        contact = getattr(company, "contact_email", None)
        return f"{contact.address} ({contact.get_state_display()})" if contact else "–"

    @admin.action(description=_("Mark as active"))
    def mark_active(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Make the chosen companies active."""
        self._move(request, queryset, CompanyState.ACTIVE)

    @admin.action(description=_("Mark as ceased"))
    def mark_ceased(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Mark the chosen companies as ceased."""
        self._move(request, queryset, CompanyState.CEASED)

    @admin.action(description=_("Block"))
    def mark_blocked(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Block the chosen companies."""
        self._move(request, queryset, CompanyState.BLOCKED)

    @admin.action(description=_("Correct the number"))
    def correct_number(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Give the one chosen company its right number; its connections stay."""
        fields = _checked(request, queryset, CorrectionForm(request.POST))
        if not fields:
            return
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.correct_company_number(
                company_uuid=row.uuid,
                enterprise_number=fields["new_number"],
                valid_from=fields["valid_from"],
                actor=actor,
                now=now,
            ),
            str(_("corrected")),
        )
        other = find_company(enterprise_number=fields["new_number"])
        for row in queryset.exclude(pk=other.pk) if other else ():
            messages.warning(request, _link_to_merge(row, fields["new_number"]))

    @admin.action(description=_("Merge into another company…"))
    def merge(self, request: HttpRequest, queryset: QuerySet[Company]) -> HttpResponse | None:
        """Go to the page on which the one chosen company becomes part of another."""
        if queryset.count() != 1:
            messages.error(request, _("Choose one company: the one that becomes part of another."))
            return None
        return redirect(merge_page.address(queryset.get()))

    @admin.action(description=_("Add the number of a VAT unit"))
    def add_vat_unit(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Add a further number to the one chosen company."""
        fields = _checked(request, queryset, VatUnitForm(request.POST))
        if not fields:
            return
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.add_vat_unit(
                company_uuid=row.uuid, number=fields["new_number"], actor=actor, now=now
            ),
            str(_("added")),
        )

    @admin.action(description=_("Send a link to the first member"))
    def send_first_member_link(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Mail the addresses on file of the chosen companies the link of their first member."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: members.send_first_member_link(company_uuid=row.uuid, actor=actor, now=now),
            str(_("sent")),
        )

    @admin.action(description=_("Place a legal hold with the reason"))
    def place_hold(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Keep everything of the chosen companies, however old."""
        reason = request.POST.get("reason", "")
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: holds.place_hold(company_uuid=row.uuid, reason=reason, actor=actor, now=now),
            str(_("legal hold placed")),
        )

    @admin.action(description=_("Lift the legal hold"))
    def lift_hold(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Let the chosen companies' documents be purged again once their time is over."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: holds.lift_hold(company_uuid=row.uuid, actor=actor, now=now),
            str(_("legal hold lifted")),
        )

    def _move(self, request: HttpRequest, queryset: QuerySet[Company], state: CompanyState) -> None:
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.set_company_state(
                company_uuid=row.uuid, state=state, actor=actor, now=now
            ),
            str(COMPANY_STATES[state]),
        )


def _link_to_merge(company: Company, number: str) -> str:
    text = _("When both are one enterprise: merge %(company)s into the company with the number %(number)s.")
    sentence = text % {"company": company, "number": format_enterprise_number(number)}
    return format_html('<a href="{}?number={}">{}</a>', merge_page.address(company), number, sentence)


def _checked(request: HttpRequest, queryset: QuerySet[Company], form: forms.Form) -> dict[str, Any]:
    """Return what the form holds; nothing, once staff were told what is wrong with it."""
    if queryset.count() != 1:
        messages.error(request, _("Choose one company: a number belongs to one."))
        return {}
    if not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{form.fields[name].label}: {' '.join(map(str, errors))}")
        return {}
    return form.cleaned_data


@admin.register(ContactEmail)
class ContactEmailAdmin(ReadOnlyAdmin[ContactEmail]):
    """Addresses on file; staff fill in or correct one, and clear a bounce."""

    list_display = ("company", "address", "state", "on_file_at", "undeliverable_at")
    list_filter = ("state",)
    list_select_related = ("company",)
    search_fields = ("address", "company__enterprise_number", "company__name")
    autocomplete_fields = ("company",)
    fields = ("company", "address")
    actions = ("clear_bounce",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let staff choose a live company only."""
        if db_field.name == "company":
            kwargs["queryset"] = Company.objects.live()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let staff put an address on file."""
        return bool(request.user.is_active and request.user.is_staff)

    def has_change_permission(self, request: HttpRequest, obj: ContactEmail | None = None) -> bool:
        """Let staff correct an address; what stays with a merged company is history."""
        is_history = obj is not None and obj.company.state == CompanyState.MERGED
        return self.has_add_permission(request) and not is_history

    def save_model(
        self,
        request: HttpRequest,
        obj: ContactEmail,
        form: Any,
        change: bool,  # noqa: FBT001 # Django's signature
    ) -> None:
        """Ask the service, which re-checks the company's waiting requests."""
        del form, change
        saved = services.put_contact_on_file(
            company_uuid=obj.company.uuid, address=obj.address, actor=staff_actor(request), now=clock.now()
        )
        obj.pk = saved.pk

    @admin.action(description=_("The address works again"))
    def clear_bounce(self, request: HttpRequest, queryset: QuerySet[ContactEmail]) -> None:
        """Put the chosen addresses back on file."""
        run_for_each(
            request,
            queryset.select_related("company"),
            lambda row, *, actor, now: services.set_contact_state(
                company_uuid=row.company.uuid, state=ContactState.ON_FILE, actor=actor, now=now
            ),
            str(CONTACT_STATES[ContactState.ON_FILE]),
        )


@admin.register(ContactChange)
class ContactChangeAdmin(ReadOnlyAdmin[ContactChange]):
    """New addresses that companies asked for; staff stop one that the company says it did not ask for."""

    list_display = (
        "company_uuid",
        "former_address",
        "new_address",
        "asked_by",
        "asked_at",
        "confirmed_at",
        "cancelled_at",
    )
    list_select_related = ("link", "asked_by")
    search_fields = ("=company_uuid", "former_address", "link__address")
    ordering = ("-id",)
    actions = ("cancel",)

    @admin.display(description=_("new address"))
    def new_address(self, change: ContactChange) -> str:
        """Show the address that must be confirmed."""
        return change.link.address

    @admin.action(description=_("Cancel: the link stops working"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[ContactChange]) -> None:
        """Cancel the chosen changes."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: contacts.cancel_contact_change(change_uuid=row.uuid, actor=actor, now=now),
            str(_("cancelled")),
        )
