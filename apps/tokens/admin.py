"""Software, requests, tokens, connections and cases in the back-office."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from apps.companies.rules import LANGUAGES
from apps.core import clock
from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline, column, in_words, run_for_each
from apps.core.display import day
from apps.core.languages import LANGUAGE_NAMES
from apps.tokens.application_admin import VendorApplicationAdmin
from apps.tokens.checklist import checks_of_request
from apps.tokens.labels import CALLS
from apps.tokens.letters import quiet_letter
from apps.tokens.models import (
    AccessToken,
    Connection,
    ConnectionEnquiry,
    ConnectionRequest,
    Credential,
    NonActivationCase,
    Software,
    SoftwareKey,
    SoftwareUsage,
    Vendor,
    VendorApplication,
    VendorMember,
)
from apps.tokens.refusals import title_of
from apps.tokens.services import cases, connections, endings, enquiries, requests, rotation, vendors
from apps.tokens.standings import USES, Use, standing, use_of, with_last_calls

admin.site.register(VendorApplication, VendorApplicationAdmin)


def _outcome(code: str) -> object:
    return _("all checks passed") if code == enquiries.PASSED else title_of(code)


def _call(kind: str) -> object:
    return CALLS.get(kind, kind)


REASON: Final = column("refusal_code", title_of, title=_("reason"))
OUTCOME: Final = column("outcome", _outcome, title=_("outcome"))
WHAT: Final = column("kind", _call, title=_("what"))


class SoftwareKeyInline(ReadOnlyInline[SoftwareKey]):
    """The software's keys."""

    model = SoftwareKey


class UseFilter(admin.SimpleListFilter):
    """By whether its own calls say that it is in use."""

    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return how a software can stand."""
        del request, model_admin
        return list(USES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Software]) -> QuerySet[Software]:
        """Return those that stand as chosen."""
        del request
        chosen = self.value()
        return queryset.filter(standing(Use(chosen), today=clock.today())) if chosen in USES else queryset


@admin.register(Software)
class SoftwareAdmin(ReadOnlyAdmin[Software]):
    """The compatible packages, with their use; a quiet one with what to write to its maker."""

    list_display = ("name", "vendor", "state", "website", "called", "use")
    list_filter = ("state", UseFilter)
    readonly_fields = ("called", "use", "letter")
    list_select_related = ("vendor",)
    search_fields = ("name", "slug", "vendor__name")
    ordering = ("name",)
    inlines = (SoftwareKeyInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Software]:
        """Return the softwares with their last calls."""
        return with_last_calls(super().get_queryset(request))

    @admin.display(description=_("last called"), ordering="called_on")
    def called(self, software: Any) -> str:
        """Show the last day on which a call succeeded."""
        return day(software.called_on)

    @admin.display(description=_("use"))
    def use(self, software: Any) -> str:
        """Show whether it is in use."""
        return str(USES[use_of(software.called_on, today=clock.today())])

    @admin.display(description=_("message to the maker"))
    def letter(self, software: Any) -> str:
        """Show what to write to the maker of a software that went quiet."""
        if use_of(software.called_on, today=clock.today()) is not Use.QUIET:
            return "–"
        letter = quiet_letter(software=software, called_on=software.called_on)
        return render_to_string("admin/tokens/letter.html", {"letter": letter})


class VendorMemberInline(ReadOnlyInline[VendorMember]):
    """The people of the maker."""

    model = VendorMember


class ContactForm(helpers.ActionForm):
    """Where a maker of software is written to, and in which language."""

    email = forms.EmailField(label=_("E-mail address"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[*LANGUAGE_NAMES.items()], required=False)


@admin.register(Vendor)
class VendorAdmin(ReadOnlyAdmin[Vendor]):
    """The makers of software; staff put their address on file and send the first of their people the link."""

    list_display = ("name", "email", "language")
    search_fields = ("name", "email")
    ordering = ("name",)
    inlines = (VendorMemberInline,)
    action_form = ContactForm
    actions = ("put_address", "send_link")

    @admin.action(description=_("Put this address on file"))
    def put_address(self, request: HttpRequest, queryset: QuerySet[Vendor]) -> None:
        """Write the chosen makers at this address from now on."""
        form = ContactForm(request.POST)
        form.fields["action"].choices = [(request.POST["action"], "")]  # type: ignore[attr-defined]
        if not form.is_valid() or not form.cleaned_data["email"]:
            messages.error(request, _("Fill in an e-mail address."))
            return
        filled_in = {"email": form.cleaned_data["email"], "language": form.cleaned_data["language"] or LANGUAGES[0]}
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: vendors.set_vendor_contact(
                vendor_uuid=row.uuid, actor=actor, now=now, **filled_in
            ),
            str(_("on file")),
        )

    @admin.action(description=_("Send a link to the first member"))
    def send_link(self, request: HttpRequest, queryset: QuerySet[Vendor]) -> None:
        """Mail the chosen makers' addresses the link of their first member."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: vendors.send_first_vendor_link(vendor_uuid=row.uuid, actor=actor, now=now),
            str(_("sent")),
        )


@admin.register(SoftwareUsage)
class SoftwareUsageAdmin(ReadOnlyAdmin[SoftwareUsage]):
    """What each software did on each day."""

    list_display = ("day", "software", WHAT, "count")
    list_filter = (("kind", in_words(_call)), "software")
    list_select_related = ("software",)
    date_hierarchy = "day"
    ordering = ("-day", "software", "kind")


class AccessTokenInline(ReadOnlyInline[AccessToken]):
    """The request's tokens."""

    model = AccessToken
    fields = ("state", "sent_to", "issued_at", "mailed_at", "delivered_at", "expires_at", "exchanged_at")


class CloseForm(helpers.ActionForm):
    """What staff tell the end user when they close a request."""

    closing_message = forms.CharField(label=_("Message to the end user"), required=False, max_length=1000)


@admin.register(ConnectionRequest)
class ConnectionRequestAdmin(ReadOnlyAdmin[ConnectionRequest]):
    """Who asked for what, and why it waits."""

    list_display = ("enterprise_number", "company", "software", "purpose", "state", REASON, "state_at")
    list_filter = ("state", "purpose", ("refusal_code", in_words(title_of)), "software")
    list_select_related = ("company", "software")
    search_fields = ("enterprise_number", "company__name")
    ordering = ("-id",)
    inlines = (AccessTokenInline,)
    readonly_fields = ("checks",)
    action_form = CloseForm
    actions = ("recheck", "close")

    @admin.display(description=_("checks"))
    def checks(self, request: ConnectionRequest) -> str:
        """Show all checks in their order, the failing one with its remedy, who acts and the message to send."""
        return render_to_string("admin/tokens/checks.html", {"checks": checks_of_request(request)})

    @admin.action(description=_("Close with the message"))
    def close(self, request: HttpRequest, queryset: QuerySet[ConnectionRequest]) -> None:
        """Close the chosen requests with a message to their end users."""
        message = request.POST.get("closing_message", "").strip()
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: endings.close_request(
                request_uuid=row.uuid, message=message, actor=actor, now=now
            ),
            str(_("closed")),
        )

    @admin.action(description=_("Check again now"))
    def recheck(self, request: HttpRequest, queryset: QuerySet[ConnectionRequest]) -> None:
        """Check the chosen requests again."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: requests.recheck_request(request_uuid=row.uuid, actor=actor, now=now),
            str(_("checked")),
        )


@admin.register(ConnectionEnquiry)
class ConnectionEnquiryAdmin(ReadOnlyAdmin[ConnectionEnquiry]):
    """Which numbers people asked about, what came of it, and whether the answer was mailed."""

    list_display = (
        "enterprise_number",
        "software",
        column("outcome", _outcome, title=_("outcome")),
        "asked_at",
        "mailed_at",
    )
    list_filter = (("outcome", in_words(_outcome)), "software")
    list_select_related = ("software",)
    search_fields = ("enterprise_number",)
    exclude = ("link",)
    ordering = ("-id",)


class CredentialInline(ReadOnlyInline[Credential]):
    """The connection's credentials; their passwords are stored nowhere."""

    model = Credential
    fk_name = "connection"
    fields = ("username", "created_at", "first_used_at", "last_used_at", "overlap_until", "voided_at")


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin[Connection]):
    """Which software acts for which company."""

    list_display = ("company", "software", "state", "activated_at", "suspended_at", "revoked_at")
    list_filter = ("state", "software")
    list_select_related = ("company", "software")
    search_fields = ("company__enterprise_number", "company__name")
    ordering = ("-id",)
    inlines = (CredentialInline,)
    actions = ("revoke", "resume", "renew", "report_stolen")

    @admin.action(description=_("Renew the credentials"))
    def renew(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        """Mail a code for new credentials of the chosen connections."""
        self._rotate(request, queryset, is_stolen=False)

    @admin.action(description=_("Report the credentials as stolen"))
    def report_stolen(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        """Void the credentials of the chosen connections at once, and mail a code for new ones."""
        self._rotate(request, queryset, is_stolen=True)

    def _rotate(self, request: HttpRequest, queryset: QuerySet[Connection], *, is_stolen: bool) -> None:
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: rotation.rotate_credentials(
                connection_uuid=row.uuid, is_stolen=is_stolen, actor=actor, now=now
            ),
            str(_("checked, code sent where everything passed")),
        )

    @admin.action(description=_("Revoke the selected connections"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        """Revoke the chosen connections."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: connections.revoke_connection(connection_uuid=row.uuid, actor=actor, now=now),
            str(_("revoked")),
        )

    @admin.action(description=_("Resume the selected connections"))
    def resume(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        """Resume the chosen connections."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: connections.resume_connection(connection_uuid=row.uuid, actor=actor, now=now),
            str(_("resumed")),
        )


class ConnectionRequestInline(ReadOnlyInline[ConnectionRequest]):
    """The requests that a case blocks."""

    model = ConnectionRequest
    fields = ("enterprise_number", "software", "state", "reason", "requested_at")
    readonly_fields = ("reason",)

    @admin.display(description=_("reason"))
    def reason(self, request: ConnectionRequest) -> str:
        """Say why it waits."""
        return title_of(request.refusal_code)


@admin.register(NonActivationCase)
class NonActivationCaseAdmin(ReadOnlyAdmin[NonActivationCase]):
    """What keeps companies from connecting, and who of staff works on it."""

    list_display = ("cause", "key", "company", "state", "opened_at", "ended_at")
    list_filter = ("state", ("code", in_words(title_of)))
    list_select_related = ("company",)
    search_fields = ("key", "company__name")
    ordering = ("-id",)
    fields = ("cause", "key", "company", "state", "opened_at", "ended_at", "note")
    readonly_fields = ("cause",)
    inlines = (ConnectionRequestInline,)
    actions = ("take", "close")

    @admin.display(description=_("cause"), ordering="code")
    def cause(self, case: NonActivationCase) -> str:
        """Say what is the matter."""
        return title_of(case.code)

    @admin.action(description=_("Work on the selected cases"))
    def take(self, request: HttpRequest, queryset: QuerySet[NonActivationCase]) -> None:
        """Take the chosen cases."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: cases.take_case(case_uuid=row.uuid, actor=actor, now=now),
            str(_("taken")),
        )

    @admin.action(description=_("Close the selected cases"))
    def close(self, request: HttpRequest, queryset: QuerySet[NonActivationCase]) -> None:
        """Close the chosen cases."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: cases.close_case(case_uuid=row.uuid, actor=actor, now=now),
            str(_("closed")),
        )
