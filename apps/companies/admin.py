"""Companies in the back-office."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.companies import services
from apps.companies.models import BankAccount, Company, CompanyMember, CompanyNumber, ContactEmail
from apps.companies.rules import CompanyState, ContactState
from apps.core import clock
from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline, run_for_each, staff_actor


class BankAccountInline(ReadOnlyInline[BankAccount]):
    """The company's accounts."""

    model = BankAccount


class CompanyNumberInline(ReadOnlyInline[CompanyNumber]):
    """The company's further numbers."""

    model = CompanyNumber


class CompanyMemberInline(ReadOnlyInline[CompanyMember]):
    """The company's members."""

    model = CompanyMember


@admin.register(Company)
class CompanyAdmin(ReadOnlyAdmin[Company]):
    """Companies: found by number or name, moved by actions."""

    list_display = ("enterprise_number", "name", "language", "state", "contact")
    list_filter = ("state", "language")
    list_select_related = ("contact_email",)
    search_fields = ("enterprise_number", "name", "contact_email__address")
    ordering = ("name",)
    inlines = (BankAccountInline, CompanyNumberInline, CompanyMemberInline)
    actions = ("mark_active", "mark_ceased", "mark_blocked")

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

    def _move(self, request: HttpRequest, queryset: QuerySet[Company], state: CompanyState) -> None:
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.set_company_state(
                company_uuid=row.uuid, state=state, actor=actor, now=now
            ),
            state.value,
        )


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
