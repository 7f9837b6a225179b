"""Sales invoices in the back-office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline, reason_form, run_for_each
from apps.invoices.models import Arrival, Finding, Invoice, InvoiceHold, InvoiceVersion, Remark
from apps.invoices.services import holds


class InvoiceVersionInline(ReadOnlyInline[InvoiceVersion]):
    """The invoice's versions."""

    model = InvoiceVersion
    fields = ("version", "state", "received_at", "judged_at", "total_amount", "payable_amount")


class ArrivalInline(ReadOnlyInline[Arrival]):
    """The invoice's uploads."""

    model = Arrival
    fields = ("received_at", "outcome", "software")


class RemarkInline(ReadOnlyInline[Remark]):
    """What the office and the company said about it."""

    model = Remark
    fields = ("made_at", "kind", "text", "actor")


class InvoiceHoldInline(ReadOnlyInline[InvoiceHold]):
    """The invoice's own legal holds, present and past."""

    model = InvoiceHold


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin[Invoice]):
    """Every invoice and what became of it."""

    list_display = (
        "number", "company", "state", "payment_state", "office_state", "document_type", "customer_name", "issue_date",
        "total_amount", "currency",
    )  # fmt: skip
    list_filter = ("state", "payment_state", "office_state", "document_type", "software")
    list_select_related = ("company",)
    search_fields = ("number", "customer_name", "company__enterprise_number", "structured_communication")
    date_hierarchy = "issue_date"
    ordering = ("-id",)
    inlines = (InvoiceVersionInline, ArrivalInline, RemarkInline, InvoiceHoldInline)
    action_form = reason_form(_("Reason of the legal hold"))
    actions = ("place_hold", "lift_hold")

    @admin.action(description=_("Place a legal hold with the reason"))
    def place_hold(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> None:
        """Keep the papers of the chosen invoices, however old."""
        reason = request.POST.get("reason", "")
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: holds.hold_invoice(invoice_uuid=row.uuid, reason=reason, actor=actor, now=now),
            str(_("legal hold placed")),
        )

    @admin.action(description=_("Lift the legal hold"))
    def lift_hold(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> None:
        """Let the papers of the chosen invoices be purged again once their time is over."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: holds.lift_invoice_hold(invoice_uuid=row.uuid, actor=actor, now=now),
            str(_("legal hold lifted")),
        )


@admin.register(InvoiceHold)
class InvoiceHoldAdmin(ReadOnlyAdmin[InvoiceHold]):
    """The legal holds of single invoices; they are placed and lifted on the list of invoices."""

    list_display = ("invoice", "reason", "placed_at", "placed_by", "lifted_at", "lifted_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("invoice",)
    search_fields = ("invoice__number", "invoice__company__enterprise_number", "reason")
    ordering = ("-id",)


@admin.register(Arrival)
class ArrivalAdmin(ReadOnlyAdmin[Arrival]):
    """Every upload, the refused ones included."""

    list_display = ("received_at", "company", "software", "outcome", "code", "invoice")
    list_filter = ("outcome", "code", "software")
    list_select_related = ("company", "software", "invoice")
    search_fields = ("company__enterprise_number", "=uuid")
    ordering = ("-id",)


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin[Finding]):
    """What the rules found."""

    list_display = ("code", "severity", "layer", "location", "message", "version")
    list_filter = ("severity", "layer")
    list_select_related = ("version",)
    search_fields = ("code", "message")
    ordering = ("-id",)
