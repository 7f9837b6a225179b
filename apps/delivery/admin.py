"""Feeds, deliveries and the health of accounts in the back-office."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.admin import ReadOnlyAdmin, column, in_words, run_for_each, staff_actor
from apps.core.errors import DomainError
from apps.delivery import services
from apps.delivery.account_facts import Examined, examine_accounts
from apps.delivery.health_pages import banks_page
from apps.delivery.health_sentences import Reader, Told, tell
from apps.delivery.models import AccountHealth, Delivery, DeliveryAttempt, Destination, Feed, FeedEntry, Redelivery
from apps.delivery.redelivering import BATCH, ask_redelivery_of_many, deliver_again
from apps.delivery.results import retry_failed
from apps.delivery.rules import MOST_INVOICES
from apps.delivery.sentences import failure_sentence
from apps.statements.chains import judge_account
from apps.statements.health.banks import bank_named

REASON: Final = column("failure_code", failure_sentence, title=_("reason"))
CODE: Final = column("code", failure_sentence, title=_("reason"))
# For whom staff ask: the jobs of large selections are listed by it.
STAFF: Final = UUID(int=0)


@admin.register(Feed)
class FeedAdmin(ReadOnlyAdmin[Feed]):
    """Who reads what, and how far they are."""

    list_display = ("id", "company", "software", "office", "cursor", "last_position", "opened_at")
    list_filter = ("software",)
    list_select_related = ("company", "software", "office")
    search_fields = ("company__enterprise_number", "company__name", "office__name")
    ordering = ("-id",)


@admin.register(FeedEntry)
class FeedEntryAdmin(ReadOnlyAdmin[FeedEntry]):
    """The documents in the feeds; staff put one up for redelivery."""

    list_display = ("feed", "position", "statement", "invoice", "listed_at")
    list_select_related = ("feed", "statement", "invoice")
    search_fields = ("=uuid", "=feed__id")
    ordering = ("-id",)
    actions = ("redeliver",)

    @admin.action(description=_("Deliver again"))
    def redeliver(self, request: HttpRequest, queryset: QuerySet[FeedEntry]) -> None:
        """Put the chosen entries into their redelivery feeds."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.ask_redelivery(entry_uuid=row.uuid, actor=actor, now=now),
            str(_("up for redelivery")),
        )


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """Every invoice's way to its office."""

    list_display = ("invoice", "office", "channel", "state", "state_at")
    list_filter = ("channel", "state")
    list_select_related = ("invoice", "office")
    search_fields = ("invoice__number", "office__name", "invoice__company__enterprise_number", "=invoice__uuid")
    date_hierarchy = "invoice__issue_date"
    ordering = ("-id",)
    actions = ("deliver_again",)

    @admin.action(description=_("Deliver the invoice again"))
    def deliver_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Have the invoices of the chosen deliveries delivered again, by every channel; many of them by the worker."""
        rows = queryset.order_by().values_list("invoice", flat=True).distinct()
        ids = sorted(rows[: MOST_INVOICES + 1])
        by: dict[str, Any] = {"actor": staff_actor(request), "now": clock.now()}
        try:
            if len(ids) > BATCH:
                job = ask_redelivery_of_many(invoice_ids=ids, subject_uuid=STAFF, **by)
                messages.success(request, format_html('<a href="{}">{}</a>', _job_url(job), _("The worker does it.")))
            else:
                messages.success(request, f"{_('delivered again')}: {deliver_again(invoice_ids=ids, **by)}")
        except DomainError as error:
            messages.error(request, str(error))


def _job_url(job: Any) -> str:
    return reverse("admin:jobs_job_change", args=[job.pk])


@admin.register(Destination)
class DestinationAdmin(ReadOnlyAdmin[Destination]):
    """Where documents are taken, and which of these places fail; staff have what failed tried again."""

    list_display = ("place", "channel", "office", "company", "state", "failures", REASON, "delivered_at")
    list_filter = ("channel", "state", ("failure_code", in_words(failure_sentence)))
    list_select_related = ("office", "company")
    search_fields = ("address", "wanted_address", "office__name", "company__name", "company__enterprise_number")
    ordering = ("-failures", "-id")
    actions = ("retry",)

    @admin.action(description=_("Try again now"))
    def retry(self, request: HttpRequest, queryset: QuerySet[Destination]) -> None:
        """Have everything that is not there yet tried again."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: retry_failed(destination=row, actor=actor, now=now),
            str(_("tried again")),
        )


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ReadOnlyAdmin[DeliveryAttempt]):
    """Every attempt at a destination, and what the other side answered."""

    list_display = ("started_at", "destination", "delivery", "mailing", "outcome", CODE, "answer")
    list_filter = ("outcome", ("code", in_words(failure_sentence)))
    list_select_related = ("destination", "delivery", "mailing")
    search_fields = ("=destination__uuid", "=delivery__invoice__uuid")
    ordering = ("-id",)


@admin.register(Redelivery)
class RedeliveryAdmin(ReadOnlyAdmin[Redelivery]):
    """What was asked to be delivered again."""

    list_display = ("entry", "requested_by", "requested_at", "marked_at")
    list_select_related = ("entry",)
    ordering = ("-id",)


@admin.register(AccountHealth)
class AccountHealthAdmin(ReadOnlyAdmin[AccountHealth]):
    """How every bank account is doing: the list as last looked at, the page as it is now."""

    list_display = (
        "account", "bank_name", "code", "since", "rhythm", "last_on", "expected_at", "finding_on",
    )  # fmt: skip
    list_filter = (
        "urgency",
        "code",
        "rhythm",
        ("bank", in_words(lambda key: bank_named(key).name)),
    )
    list_select_related = ("account",)
    search_fields = ("account__iban", "account__company__name", "account__company__enterprise_number")
    ordering = ("urgency", "id")
    fields = (
        "account", "bank_name", "what", "why", "since", "who", "action", "until", "follows", "rhythm", "seen",
        "last_on", "last_arrived_at", "expected_at", "late_at", "gaps", "examined_at",
    )  # fmt: skip

    def get_urls(self) -> list[Any]:
        """Add the page of the banks."""
        page = self.admin_site.admin_view(banks_page)
        return [path("banks/", page, name="delivery_accounthealth_banks"), *super().get_urls()]

    @admin.display(description=_("bank"), ordering="bank")
    def bank_name(self, row: AccountHealth) -> str:
        """Return what people call the bank."""
        return bank_named(row.bank).name

    @admin.display(description=_("what"))
    def what(self, row: AccountHealth) -> str:
        """Say what is the matter now."""
        return self._told(row).what

    @admin.display(description=_("why"))
    def why(self, row: AccountHealth) -> str:
        """Say why."""
        return self._told(row).why

    @admin.display(description=_("who acts next"))
    def who(self, row: AccountHealth) -> str:
        """Say who acts next."""
        return self._told(row).who

    @admin.display(description=_("what they do"))
    def action(self, row: AccountHealth) -> str:
        """Say what they do."""
        return self._told(row).action

    @admin.display(description=_("until"))
    def until(self, row: AccountHealth) -> str:
        """Say until when it is to be done."""
        until = self._examined(row).health.diagnosis.until
        return _write(until) if until else "-"

    @admin.display(description=_("what follows"))
    def follows(self, row: AccountHealth) -> str:
        """Say what follows."""
        return self._told(row).follows

    @admin.display(description=_("seen in"))
    def seen(self, row: AccountHealth) -> str:
        """Say how sure the rhythm is."""
        rhythm = self._examined(row).health.rhythm
        return f"{rhythm.fitting} / {rhythm.judged}"

    @admin.display(description=_("gaps and breaks"))
    def gaps(self, row: AccountHealth) -> str:
        """List the numbers that are missing, and the days whose balance does not join."""
        missing, broken = judge_account(row.account)
        numbers = [f"{gap.first:03d}-{gap.last:03d} ({date_format(gap.after.day)})" for gap in missing]
        return ", ".join([*numbers, *(date_format(each.after.day) for each in broken)])

    def _examined(self, row: AccountHealth) -> Examined:
        # Once a page, not once a field.
        kept: dict[int, Examined] = row.__dict__.setdefault("_examined", {})
        if row.account_id not in kept:
            kept |= examine_accounts([row.account], now=clock.now())
        return kept[row.account_id]

    def _told(self, row: AccountHealth) -> Told:
        missing, broken = judge_account(row.account)
        is_gapless = not missing and not broken
        return tell(self._examined(row), reader=Reader.STAFF, write=_write, is_gapless=is_gapless)


def _write(value: date | datetime | int | str) -> str:
    if isinstance(value, datetime):
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    return date_format(value) if isinstance(value, date) else str(value)
