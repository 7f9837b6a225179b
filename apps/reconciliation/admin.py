"""Which money paid which invoice, in the back-office."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.reconciliation.models import Allocation


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin[Allocation]):
    """The ledger of allocations."""

    list_display = ("created_at", "invoice", "movement", "amount", "rule", "evidence", "actor")
    list_filter = ("rule",)
    list_select_related = ("invoice", "movement")
    search_fields = ("invoice__number", "evidence")
    ordering = ("-id",)
