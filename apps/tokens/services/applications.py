"""A maker of software applies by the public form for a key of the service; staff approve or refuse.

Anybody can send the form, under any name. So it changes no maker and no software, and the mail that it causes holds
nothing that its sender wrote.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError, NotFound
from apps.core.letters import GIVE_UP_AFTER
from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens import emails
from apps.tokens.models import VendorApplication
from apps.tokens.rules import APPLICATION_TRANSITIONS, ApplicationState
from apps.tokens.services import vendors
from apps.tokens.services.registration import Registration, make_registered


class RefusalReasonMissing(DomainError):
    """An application is refused with a reason, which its maker reads."""

    code = "refusal_reason_missing"
    sentence = _("Give the reason: the maker reads it in the e-mail.")


@transaction.atomic
def apply_as_vendor(*, registration: Registration, now: datetime) -> VendorApplication | None:
    """Keep an application; the same one again changes nothing, and beyond the daily limit nothing is kept."""
    waiting = _find_waiting(registration)
    if waiting is not None:
        return waiting
    recent = VendorApplication.objects.filter(applied_at__gt=now - timedelta(days=1))
    if recent.filter(email__iexact=registration.email).count() >= settings.VENDOR_APPLICATIONS_PER_DAY:
        return None
    try:
        with transaction.atomic():
            application = VendorApplication.objects.create(
                vendor_name=registration.vendor_name,
                website=registration.website,
                email=registration.email,
                language=registration.language,
                software_name=registration.software_name,
                sector=registration.sector,
                description=registration.description,
                applied_at=now,
            )
    except IntegrityError:
        # The same form came twice at once.
        return _find_waiting(registration)
    _record("vendor_application.made", application, actor="visitor", now=now)
    return application


@transaction.atomic
def approve_vendor_application(*, application_uuid: UUID, actor: str, now: datetime) -> VendorApplication:
    """Make the maker and its software with a key, and have the first member's link mailed. Twice changes nothing.

    :raises NotFound: when there is no such application.
    :raises IllegalTransition: when it was refused.
    :raises VendorKnown: when there is a maker of that name.
    :raises SoftwareKnown: when there is a software of that name.
    """
    application = _lock(application_uuid)
    if application.state == ApplicationState.APPROVED:
        return application
    check_transition(APPLICATION_TRANSITIONS, ApplicationState(application.state), ApplicationState.APPROVED)
    software = make_registered(registration=_registration_of(application), actor=actor, now=now)
    application.software = software
    _decide(application, ApplicationState.APPROVED, "vendor_application.approved", actor=actor, now=now)
    vendors.send_first_vendor_link(vendor_uuid=software.vendor.uuid, actor=actor, now=now)
    return application


@transaction.atomic
def refuse_vendor_application(*, application_uuid: UUID, reason: str, actor: str, now: datetime) -> VendorApplication:
    """Refuse an application with a reason, which is mailed. Its maker may apply again. Twice changes nothing.

    :raises NotFound: when there is no such application.
    :raises RefusalReasonMissing: when no reason is given.
    :raises IllegalTransition: when it was approved.
    """
    application = _lock(application_uuid)
    if application.state == ApplicationState.REFUSED:
        return application
    check_transition(APPLICATION_TRANSITIONS, ApplicationState(application.state), ApplicationState.REFUSED)
    if not reason.strip():
        raise RefusalReasonMissing
    application.reason = reason.strip()
    _decide(application, ApplicationState.REFUSED, "vendor_application.refused", actor=actor, now=now)
    return application


def send_vendor_receipt(*, application_uuid: UUID, now: datetime) -> bool:
    """Tell a maker that its application arrived, once; the mail is the same whatever is known of its name."""
    application = VendorApplication.objects.get(uuid=application_uuid)
    if application.receipt_mailed_at is not None or now - application.applied_at > GIVE_UP_AFTER:
        return False
    emails.vendor_receipt(application).send()
    VendorApplication.objects.filter(pk=application.pk).update(receipt_mailed_at=now)
    return True


def send_vendor_refusal(*, application_uuid: UUID, now: datetime) -> bool:
    """Tell a maker why its application was refused, once."""
    application = VendorApplication.objects.get(uuid=application_uuid)
    decided_at = application.decided_at
    if decided_at is None or application.refusal_mailed_at is not None or now - decided_at > GIVE_UP_AFTER:
        return False
    emails.vendor_refusal(application, decided_at=decided_at).send()
    VendorApplication.objects.filter(pk=application.pk).update(refusal_mailed_at=now)
    return True


def _find_waiting(registration: Registration) -> VendorApplication | None:
    return VendorApplication.objects.filter(
        email__iexact=registration.email,
        software_name__iexact=registration.software_name,
        state=ApplicationState.APPLIED,
    ).first()


def _registration_of(application: VendorApplication) -> Registration:
    return Registration(
        vendor_name=application.vendor_name,
        website=application.website,
        email=application.email,
        language=application.language,
        software_name=application.software_name,
        sector=application.sector,
        description=application.description,
    )


def _decide(application: VendorApplication, state: ApplicationState, event: str, *, actor: str, now: datetime) -> None:
    application.state, application.decided_at = state, now
    application.save(update_fields=["state", "decided_at", "reason", "software"])
    _record(event, application, actor=actor, now=now)


def _record(event: str, application: VendorApplication, *, actor: str, now: datetime) -> None:
    events.record(event, subject_uuid=application.uuid, actor=actor, now=now)


def _lock(application_uuid: UUID) -> VendorApplication:
    locked = VendorApplication.objects.select_for_update(of=("self",), no_key=True)
    application = locked.filter(uuid=application_uuid).first()
    if application is None:
        raise NotFound
    return application
