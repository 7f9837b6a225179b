"""Banks' files and statements in the back-office."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline
from apps.statements import decision_page, upload_page
from apps.statements.models import CodaFile, CodaFinding, InboxFile, Movement, SourceFile, Statement
from apps.statements.sentences import (
    INBOX_TROUBLES,
    actor_of,
    remedy_of,
    sentence_of,
)


class CodaFindingInline(ReadOnlyInline[CodaFinding]):
    """What the reader found, in the language of whoever reads it; the reader's own message is the detail."""

    model = CodaFinding
    fields = ("severity", "sentence", "remedy", "actor", "line", "column", "message", "code")
    readonly_fields = ("sentence", "remedy", "actor")
    ordering = ("line", "column", "id")

    @admin.display(description=_("What is wrong"))
    def sentence(self, finding: CodaFinding) -> str:
        """Say what is wrong."""
        return sentence_of(finding.code, finding.message)

    @admin.display(description=_("What to do"))
    def remedy(self, finding: CodaFinding) -> str:
        """Say what to do."""
        return remedy_of(finding.code)

    @admin.display(description=_("Who acts next"))
    def actor(self, finding: CodaFinding) -> str:
        """Say who acts."""
        return actor_of(finding.code)


def may_upload(request: HttpRequest) -> bool:
    """Tell whether somebody may upload banks' files: with the right to add received files."""
    return request.user.has_perm("statements.add_sourcefile")


@admin.register(SourceFile)
class SourceFileAdmin(ReadOnlyAdmin[SourceFile]):
    """Every file as it came in, archives included."""

    list_display = ("name", "source", "received_at", "finished_at")
    list_filter = ("source",)
    search_fields = ("name", "=uuid")
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which staff upload files, and see what became of them."""
        form, result = self.admin_site.admin_view(self.upload_view), self.admin_site.admin_view(self.uploaded_view)
        return [
            path("upload/", form, name=upload_page.FORM_ROUTE),
            path("upload/<int:job_id>/", result, name=upload_page.RESULT_ROUTE),
            *super().get_urls(),
        ]

    @method_decorator(csrf_exempt)
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, which checks its token itself."""
        if not may_upload(request):
            raise PermissionDenied
        return upload_page.show_form(request, context=self.admin_site.each_context(request))

    def uploaded_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """Show what became of one upload."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request)
        return upload_page.show_result(request, job_id, may_stop=may_upload(request), context=context)


@admin.register(InboxFile)
class InboxFileAdmin(ReadOnlyAdmin[InboxFile]):
    """Every file of the inbox directory: what waits and why, and where it went."""

    list_display = ("name", "state", "trouble_sentence", "seen_at", "finished_at", "place")
    list_filter = ("state",)
    search_fields = ("name", "=uuid")
    ordering = ("-id",)
    fields = (
        "name", "state", "trouble_sentence", "remedy", "size", "attempts", "source_file", "place", "seen_at",
        "finished_at",
    )  # fmt: skip
    readonly_fields = ("trouble_sentence", "remedy")

    @admin.display(description=_("why"), empty_value="–")
    def trouble_sentence(self, file: InboxFile) -> str | None:
        """Say why it waits or failed as a whole."""
        return str(INBOX_TROUBLES[file.trouble].text) if file.trouble else None

    @admin.display(description=_("What to do"), empty_value="–")
    def remedy(self, file: InboxFile) -> str | None:
        """Say what to do."""
        return str(INBOX_TROUBLES[file.trouble].remedy) if file.trouble else None


@admin.register(CodaFile)
class CodaFileAdmin(ReadOnlyAdmin[CodaFile]):
    """Every file of a bank, the unreadable ones included."""

    list_display = ("name", "state", "received_at", "finished_at")
    list_filter = ("state",)
    search_fields = ("name", "=uuid")
    ordering = ("-id",)
    fields = ("name", "state", "source_file", "blob", "received_at", "finished_at")
    inlines = (CodaFindingInline,)


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin[Statement]):
    """Every statement: imported, held, unrouted or had already."""

    list_display = (
        "iban", "currency", "number", "new_balance_on", "state", "movement_count", "old_balance", "new_balance",
        "coda_file", "had_in",
    )  # fmt: skip
    list_filter = ("state", "currency")
    list_select_related = ("coda_file", "duplicate_of__coda_file")
    search_fields = ("iban", "account_text", "holder_name", "coda_file__name")
    ordering = ("-id",)
    inlines = (CodaFindingInline,)
    readonly_fields = ("had_in",)

    @admin.display(description=_("had already in"))
    def had_in(self, statement: Statement) -> str:
        """Name the file that brought a duplicate first."""
        return str(statement.duplicate_of.coda_file) if statement.duplicate_of else "-"

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which staff decide about a held statement."""
        page = self.admin_site.admin_view(self.decide_view)
        return [path("<int:statement_id>/decide/", page, name=decision_page.ROUTE), *super().get_urls()]

    def decide_view(self, request: HttpRequest, statement_id: int) -> HttpResponse:
        """Show the page for one statement."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return decision_page.show(request, statement_id, context=self.admin_site.each_context(request))


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
