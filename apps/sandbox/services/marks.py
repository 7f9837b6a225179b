"""In the service: a software is marked compatible by a report that the sandbox signed; staff withdraw the mark."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.core.clock import brussels_day
from apps.core.display import day
from apps.core.errors import DomainError, NotFound
from apps.core.states import check_transition
from apps.events import services as events
from apps.sandbox.models import CompatibleMark
from apps.sandbox.reports import Told, read_report
from apps.sandbox.rules import CLOCKS_DIFFER, MARK_TRANSITIONS, REPORT_LIFE, MarkState, is_same_software
from apps.tokens.models import Software
from apps.tokens.rules import SoftwareState


class ReportsNotTaken(DomainError):
    """This service knows no sandbox."""

    code = "reports_not_taken"
    sentence = _("No sandbox is known here whose reports could be taken. Write to our support.")


class SoftwareOutOfUse(DomainError):
    """A disabled software is marked by nothing."""

    code = "software_disabled"
    sentence = _("This software is disabled. Write to our support.")


class ReportOfOtherSoftware(DomainError):
    """It tells of another software."""

    code = "report_other_software"
    sentence = _("This report is about %(told)s, and not about %(wanted)s. Send the report of this software.")


class ReportIncomplete(DomainError):
    """The software had not shown enough."""

    code = "report_incomplete"
    sentence = _("When this report was made, steps were missing. Do them in the sandbox, and make a new report.")


class ReportFromFuture(DomainError):
    """Its instant has not come: a clock is wrong."""

    code = "report_from_future"
    sentence = _("The instant of this report, %(day)s, has not come yet. Write to our support: a clock is wrong.")


class ReportTooOld(DomainError):
    """It tells of the software as it was."""

    code = "report_too_old"
    sentence = _("This report is of %(day)s, and a report is taken for %(days)s days. Make a new one in the sandbox.")


class ReportOutdated(DomainError):
    """A newer report gave the mark."""

    code = "report_outdated"
    sentence = _("A newer report, of %(day)s, was taken already, and stays.")


class ReportWithdrawn(DomainError):
    """The mark was withdrawn after the report was made."""

    code = "report_withdrawn"
    sentence = _("The mark was withdrawn on %(day)s, after this report was made. Make a new one in the sandbox.")


class WithdrawalReasonMissing(DomainError):
    """The maker reads why."""

    code = "withdrawal_reason_missing"
    sentence = _("Fill in the reason: the maker reads it.")


@transaction.atomic
def take_report(*, software_uuid: UUID, text: str, actor: str, now: datetime) -> CompatibleMark:
    """Mark a software compatible by the report of its self-test; the same report again changes nothing.

    :raises NotFound: when there is no such software.
    :raises DomainError: when the report is unreadable, not the sandbox's, another software's, incomplete, too old or of
        the future, older than the one that counts, or made before the mark was withdrawn.
    """
    if not settings.SELF_TEST_PUBLIC_KEYS:
        raise ReportsNotTaken
    software = _lock(software_uuid)
    told = read_report(text)
    _check(software, told, now)
    marks = software.marks.order_by("-id")
    standing = marks.filter(state=MarkState.STANDING).first()
    if standing and standing.report_uuid == told.uuid:
        return standing
    _check_against(standing, marks.filter(state=MarkState.WITHDRAWN).first(), told)
    if standing:
        _end(standing, MarkState.REPLACED, actor=actor, now=now)
    mark = CompatibleMark.objects.create(
        software=software,
        report_uuid=told.uuid,
        tested_at=told.made_at,
        works_for=list(told.groups),
        state=MarkState.STANDING,
        taken_at=now,
        taken_by=actor,
    )
    _record("software.marked_compatible", mark, actor, now)
    return mark


@transaction.atomic
def withdraw_mark(*, mark_uuid: UUID, reason: str, actor: str, now: datetime) -> CompatibleMark:
    """Take the mark from a software, for a reason that its maker reads; doing so twice changes nothing.

    :raises NotFound: when there is no such mark.
    :raises WithdrawalReasonMissing: without a reason.
    :raises IllegalTransition: when a newer report has replaced it.
    """
    if not (reason := reason.strip()[:300]):
        raise WithdrawalReasonMissing
    found = CompatibleMark.objects.filter(uuid=mark_uuid).select_related("software").first()
    if found is None:
        raise NotFound
    _lock(found.software.uuid)
    mark = CompatibleMark.objects.select_related("software").get(pk=found.pk)
    if mark.state != MarkState.WITHDRAWN:
        _end(mark, MarkState.WITHDRAWN, actor=actor, now=now, reason=reason)
        _record("software.mark_withdrawn", mark, actor, now)
    return mark


def _check(software: Software, told: Told, now: datetime) -> None:
    """Refuse what says nothing of this software as it is today."""
    made_on = day(brussels_day(told.made_at))
    if software.state == SoftwareState.DISABLED:
        raise SoftwareOutOfUse
    if not is_same_software(told.slug, told.name, as_slug=software.slug, as_name=software.name):
        raise ReportOfOtherSoftware(told=told.name, wanted=software.name)
    if not told.is_compatible:
        raise ReportIncomplete
    if told.made_at > now + CLOCKS_DIFFER:
        raise ReportFromFuture(day=made_on)
    if told.made_at < now - REPORT_LIFE:
        raise ReportTooOld(day=made_on, days=REPORT_LIFE.days)


def _check_against(standing: CompatibleMark | None, withdrawn: CompatibleMark | None, told: Told) -> None:
    """Refuse what a later report, or our staff, has overtaken."""
    if withdrawn and withdrawn.ended_at and told.made_at <= withdrawn.ended_at:
        raise ReportWithdrawn(day=day(brussels_day(withdrawn.ended_at)))
    if standing and told.made_at <= standing.tested_at:
        raise ReportOutdated(day=day(brussels_day(standing.tested_at)))


def _end(mark: CompatibleMark, state: MarkState, *, actor: str, now: datetime, reason: str = "") -> None:
    check_transition(MARK_TRANSITIONS, MarkState(mark.state), state)
    mark.state, mark.ended_at, mark.ended_by, mark.reason = state, now, actor, reason
    mark.save(update_fields=["state", "ended_at", "ended_by", "reason"])


def _record(name: str, mark: CompatibleMark, actor: str, now: datetime) -> None:
    payload = {"report": str(mark.report_uuid)}
    events.record(name, subject_uuid=mark.software.uuid, actor=actor, now=now, payload=payload)


def _lock(software_uuid: UUID) -> Software:
    software = Software.objects.select_for_update(of=("self",), no_key=True).filter(uuid=software_uuid).first()
    if software is None:
        raise NotFound
    return software
