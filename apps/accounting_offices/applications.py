"""An accounting office applies by the public form, staff approve or decline.

Each sending is a row of its own. The first for a number makes the office known as `applied`; none changes an office
that is known, since anybody can send the form. Approving one gives the office that application's name and address.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices import emails, services
from apps.accounting_offices.models import AccountingOffice, OfficeApplication
from apps.accounting_offices.rules import APPLICATION_TRANSITIONS, ApplicationState, OfficeState
from apps.core.errors import DomainError, NotFound
from apps.core.identifiers import normalise_enterprise_number
from apps.core.letters import GIVE_UP_AFTER
from apps.core.states import check_transition
from apps.events import services as events


class OfficeIsClient(DomainError):
    """The office is a client already: approving another application would give it to whoever sent that one."""

    code = "office_is_client"
    sentence = _("The office with the number %(number)s is a client already. Decline this application.")


class ReasonMissing(DomainError):
    """An application is declined with a reason, which its applicant reads."""

    code = "reason_missing"
    sentence = _("Give the reason: the applicant reads it in the e-mail.")


@transaction.atomic
def apply_by_form(
    *, enterprise_number: str, name: str, email: str, language: str, applicant: str, now: datetime
) -> OfficeApplication | None:
    """Keep an application and make its office known; nothing is kept beyond the daily limits.

    :raises InvalidEnterpriseNumber: when the number fails its check digits.
    """
    number = normalise_enterprise_number(enterprise_number)
    if _is_too_much(number, email, now):
        return None
    application = OfficeApplication.objects.create(
        enterprise_number=number, name=name, email=email, language=language, applicant=applicant, applied_at=now
    )
    _record("office_application.made", application, actor="visitor", now=now)
    if not AccountingOffice.objects.filter(enterprise_number=number).exists():
        _make_known(application, now)
    return application


@transaction.atomic
def approve_application(*, application_uuid: UUID, actor: str, now: datetime) -> OfficeApplication:
    """Make the office of an application a client, with the name and address given there. Twice changes nothing.

    :raises NotFound: when there is no such application.
    :raises OfficeIsClient: when the office is a client already.
    :raises IllegalTransition: when it was declined.
    """
    application = _find(application_uuid)
    office = _lock_office(application, now)
    application = _lock(application_uuid)
    if application.state == ApplicationState.APPROVED:
        return application
    check_transition(APPLICATION_TRANSITIONS, ApplicationState(application.state), ApplicationState.APPROVED)
    if office.state == OfficeState.CLIENT:
        raise OfficeIsClient(number=office.enterprise_number)
    office.name, office.email, office.language = application.name, application.email, application.language
    office.save(update_fields=["name", "email", "language"])
    _decide(application, ApplicationState.APPROVED, "office_application.approved", actor=actor, now=now)
    services.approve_office(office_uuid=office.uuid, actor=actor, now=now)
    return application


@transaction.atomic
def decline_application(*, application_uuid: UUID, reason: str, actor: str, now: datetime) -> OfficeApplication:
    """Decline an application with a reason, which is mailed. The office may apply again. Twice changes nothing.

    :raises NotFound: when there is no such application.
    :raises ReasonMissing: when no reason is given.
    :raises IllegalTransition: when it was approved.
    """
    application = _lock(application_uuid)
    if application.state == ApplicationState.DECLINED:
        return application
    check_transition(APPLICATION_TRANSITIONS, ApplicationState(application.state), ApplicationState.DECLINED)
    if not reason.strip():
        raise ReasonMissing
    application.reason = reason.strip()
    _decide(application, ApplicationState.DECLINED, "office_application.declined", actor=actor, now=now)
    return application


@transaction.atomic
def settle_applications(*, office_uuid: UUID, now: datetime) -> int:
    """Approve the open applications that an office, approved by itself, came from; returns how many."""
    office = AccountingOffice.objects.get(uuid=office_uuid)
    theirs = OfficeApplication.objects.select_for_update(of=("self",), no_key=True).filter(
        enterprise_number=office.enterprise_number,
        email__iexact=office.email,
        state=ApplicationState.OPEN,
    )
    settled = list(theirs.order_by("id")) if office.state == OfficeState.CLIENT else []
    for application in settled:
        _decide(application, ApplicationState.APPROVED, "office_application.approved", actor="system", now=now)
    return len(settled)


def send_receipt(*, application_uuid: UUID, now: datetime) -> bool:
    """Tell an applicant that the application arrived, once; the mail is the same whatever is known of the office."""
    application = _find(application_uuid)
    if application.receipt_mailed_at is not None or now - application.applied_at > GIVE_UP_AFTER:
        return False
    emails.application_receipt(application).send()
    OfficeApplication.objects.filter(pk=application.pk).update(receipt_mailed_at=now)
    return True


def send_decision(*, application_uuid: UUID, now: datetime) -> bool:
    """Tell an applicant what staff decided, once."""
    application = _find(application_uuid)
    decided_at = application.decided_at
    if decided_at is None or application.decision_mailed_at is not None or now - decided_at > GIVE_UP_AFTER:
        return False
    emails.application_decision(application, decided_at=decided_at).send()
    OfficeApplication.objects.filter(pk=application.pk).update(decision_mailed_at=now)
    return True


def _is_too_much(number: str, email: str, now: datetime) -> bool:
    recent = OfficeApplication.objects.filter(applied_at__gt=now - timedelta(days=1))
    counts = recent.filter(enterprise_number=number).count(), recent.filter(email__iexact=email).count()
    return max(counts) >= settings.OFFICE_APPLICATIONS_PER_DAY


def _make_known(application: OfficeApplication, now: datetime) -> None:
    try:
        with transaction.atomic():
            services.apply_as_office(
                enterprise_number=application.enterprise_number,
                name=application.name,
                email=application.email,
                language=application.language,
                actor="visitor",
                now=now,
            )
    except services.OfficeExists:
        # Another application of the same office was a moment faster.
        return


def _decide(application: OfficeApplication, state: ApplicationState, event: str, *, actor: str, now: datetime) -> None:
    application.state, application.decided_at = state, now
    application.save(update_fields=["state", "decided_at", "reason"])
    _record(event, application, actor=actor, now=now)


def _record(event: str, application: OfficeApplication, *, actor: str, now: datetime) -> None:
    events.record(event, subject_uuid=application.uuid, actor=actor, now=now)


def _find(application_uuid: UUID) -> OfficeApplication:
    application = OfficeApplication.objects.filter(uuid=application_uuid).first()
    if application is None:
        raise NotFound
    return application


def _lock(application_uuid: UUID) -> OfficeApplication:
    locked = OfficeApplication.objects.select_for_update(of=("self",), no_key=True)
    application = locked.filter(uuid=application_uuid).first()
    if application is None:
        raise NotFound
    return application


def _lock_office(application: OfficeApplication, now: datetime) -> AccountingOffice:
    """Lock the office of an application, which is made known again should it be gone."""
    number = application.enterprise_number
    if not AccountingOffice.objects.filter(enterprise_number=number).exists():
        _make_known(application, now)
    return AccountingOffice.objects.select_for_update(of=("self",), no_key=True).get(enterprise_number=number)
