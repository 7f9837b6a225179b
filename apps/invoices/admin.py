"""Sales invoices in the back-office."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline
from apps.invoices.models import Arrival, Finding, Invoice, InvoiceVersion, Remark


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


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin[Invoice]):
    """Every invoice and what became of it."""

    list_display = (
        "number", "document_type", "company", "customer_name", "issue_date", "total_amount", "currency", "state",
        "payment_state", "office_state",
    )  # fmt: skip
    list_filter = ("state", "payment_state", "office_state", "document_type", "software")
    list_select_related = ("company",)
    search_fields = ("number", "customer_name", "company__enterprise_number", "structured_communication")
    date_hierarchy = "issue_date"
    ordering = ("-id",)
    inlines = (InvoiceVersionInline, ArrivalInline, RemarkInline)


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
