"""Banks' files and statements in the back-office."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline
from apps.statements.models import CodaFile, CodaFinding, Movement, Statement


class CodaFindingInline(ReadOnlyInline[CodaFinding]):
    """What the reader found."""

    model = CodaFinding
    fields = ("code", "severity", "line", "column", "message")


@admin.register(CodaFile)
class CodaFileAdmin(ReadOnlyAdmin[CodaFile]):
    """Every file of a bank, the unreadable ones included."""

    list_display = ("name", "state", "received_at", "finished_at")
    list_filter = ("state",)
    search_fields = ("name", "=uuid")
    ordering = ("-id",)
    inlines = (CodaFindingInline,)


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin[Statement]):
    """Every statement: imported, held, unrouted or had already."""

    list_display = (
        "iban", "currency", "number", "new_balance_on", "state", "movement_count", "old_balance", "new_balance",
    )  # fmt: skip
    list_filter = ("state", "currency")
    search_fields = ("iban", "account_text", "holder_name")
    ordering = ("-id",)
    inlines = (CodaFindingInline,)


@admin.register(Movement)
class MovementAdmin(ReadOnlyAdmin[Movement]):
    """Every line of money."""

    list_display = (
        "entry_on",
        "statement",
        "amount",
        "currency",
        "counterparty_name",
        "structured_communication",
    )
    list_select_related = ("statement",)
    search_fields = ("structured_communication", "counterparty_name", "counterparty_iban")
    ordering = ("-id",)
