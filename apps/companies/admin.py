"""Companies in the back-office."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.companies import members, services
from apps.companies.models import BankAccount, Company, CompanyMember, CompanyNumber, ContactEmail
from apps.companies.rules import CompanyState, ContactState
from apps.core import clock
from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline, run_for_each, staff_actor
from apps.core.identifiers import InvalidEnterpriseNumber, normalise_enterprise_number


class BankAccountInline(ReadOnlyInline[BankAccount]):
    """The company's accounts."""

    model = BankAccount


class CompanyNumberInline(ReadOnlyInline[CompanyNumber]):
    """The company's further numbers."""

    model = CompanyNumber


class CompanyMemberInline(ReadOnlyInline[CompanyMember]):
    """The company's members."""

    model = CompanyMember


class NumberField(forms.CharField):
    """An enterprise number in any spelling."""

    def clean(self, value: Any) -> str:
        """Return the ten digits."""
        try:
            return normalise_enterprise_number(super().clean(value))
        except InvalidEnterpriseNumber as error:
            raise forms.ValidationError(_("This is not a possible Belgian enterprise number.")) from error


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


@admin.register(Company)
class CompanyAdmin(ReadOnlyAdmin[Company]):
    """Companies: found by number or name, moved by actions."""

    list_display = ("enterprise_number", "name", "language", "state", "contact")
    list_filter = ("state", "language")
    list_select_related = ("contact_email",)
    search_fields = ("enterprise_number", "name", "contact_email__address")
    ordering = ("name",)
    inlines = (BankAccountInline, CompanyNumberInline, CompanyMemberInline)
    action_form = NumberActionForm
    actions = (
        "mark_active",
        "mark_ceased",
        "mark_blocked",
        "correct_number",
        "add_vat_unit",
        "send_first_member_link",
    )

    @admin.display(description=_("e-mail address"))
    def contact(self, company: Company) -> str:
        """Show the address on file with its state."""
        contact = getattr(company, "contact_email", None)
        return f"{contact.address} ({contact.state})" if contact else "–"

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

    def _move(self, request: HttpRequest, queryset: QuerySet[Company], state: CompanyState) -> None:
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.set_company_state(
                company_uuid=row.uuid, state=state, actor=actor, now=now
            ),
            state.value,
        )


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

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let staff put an address on file."""
        return bool(request.user.is_active and request.user.is_staff)

    def has_change_permission(self, request: HttpRequest, obj: ContactEmail | None = None) -> bool:
        """Let staff correct an address."""
        del obj
        return self.has_add_permission(request)

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
            ContactState.ON_FILE.value,
        )
