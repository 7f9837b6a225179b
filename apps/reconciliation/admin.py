"""Which money paid which invoice, in the back-office."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.reconciliation.models import Allocation, Settlement


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin[Allocation]):
    """The ledger of allocations."""

    list_display = ("created_at", "invoice", "movement", "amount", "rule", "evidence", "actor")
    list_filter = ("rule",)
    list_select_related = ("invoice", "movement")
    search_fields = ("invoice__number", "evidence")
    ordering = ("-id",)


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin[Settlement]):
    """What companies settled by hand."""

    list_display = ("created_at", "invoice", "way", "amount", "settled_on", "reason", "actor", "undone_at")
    list_filter = ("way",)
    list_select_related = ("invoice",)
    search_fields = ("invoice__number", "reason")
    ordering = ("-id",)
