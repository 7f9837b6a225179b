"""Which money paid which invoice, in the back-office."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin
from apps.core.display import money, structured
from apps.reconciliation.models import Allocation, LooseMoney, MatchingChoice, RuledOut, SetOff, Settlement


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin[Allocation]):
    """The ledger of allocations."""

    list_display = ("created_at", "invoice", "movement", "amount", "difference", "rule", "evidence", "actor")
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


@admin.register(SetOff)
class SetOffAdmin(ReadOnlyAdmin[SetOff]):
    """The ledger of what credit notes took away."""

    list_display = ("created_at", "note", "invoice", "amount", "actor")
    list_select_related = ("note", "invoice")
    search_fields = ("note__number", "invoice__number")
    ordering = ("-id",)


@admin.register(LooseMoney)
class LooseMoneyAdmin(ReadOnlyAdmin[LooseMoney]):
    """Payments, or parts of them, that no invoice holds."""

    list_display = ("entry_on", "company", "payer", "reference", "loose")
    list_select_related = ("company", "movement")
    search_fields = ("company__name", "company__enterprise_number", "movement__counterparty_name")
    ordering = ("-movement",)

    @admin.display(description=_("counterparty"), empty_value="–")
    def payer(self, row: LooseMoney) -> str:
        """Say who paid."""
        return row.movement.counterparty_name

    @admin.display(description=_("communication"), empty_value="–")
    def reference(self, row: LooseMoney) -> str:
        """Show what the payer wrote."""
        return structured(row.movement.structured_communication) or row.movement.communication

    @admin.display(description=_("amount"), ordering="amount")
    def loose(self, row: LooseMoney) -> str:
        """Show what is loose, in the movement's currency."""
        return money(row.amount, row.movement.currency)


@admin.register(RuledOut)
class RuledOutAdmin(ReadOnlyAdmin[RuledOut]):
    """Payers of whom companies said that they never pay for a customer."""

    list_display = ("created_at", "company", "account", "customer_name", "actor", "ended_at")
    list_select_related = ("company",)
    search_fields = ("company__name", "account", "customer_name")
    ordering = ("-id",)


@admin.register(MatchingChoice)
class MatchingChoiceAdmin(ReadOnlyAdmin[MatchingChoice]):
    """What companies chose about matching."""

    list_display = ("company", "pays_oldest_first", "changed_by", "changed_at")
    list_select_related = ("company",)
    search_fields = ("company__name", "company__enterprise_number")
    ordering = ("company",)
