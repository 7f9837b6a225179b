"""Can my company connect? Anybody may ask about any number; only the address on file gets the answer.

Asking writes a row and nothing else, whatever the number: no look-up, no limit. Everything that depends on what is
known happens in the worker, so neither the answer nor its time tells anything.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from apps.companies.members import enclose_first_member_link
from apps.companies.models import Company, ContactEmail
from apps.companies.rules import CompanyState, NumberKind
from apps.companies.selectors import find_company
from apps.core import identifiers
from apps.core.letters import GIVE_UP_AFTER
from apps.events import services as events
from apps.tokens import emails
from apps.tokens.models import ConnectionEnquiry, Software
from apps.tokens.rules import Check, SoftwareState, run_checks
from apps.tokens.services.facts import gather_facts
from apps.tokens.services.opening import lock_company
from apps.tokens.services.requests import VatInvalid
from apps.users.models import MailedLink

PASSED: Final = "passed"
THROTTLED: Final = "throttled"
SWEEP_SIZE: Final = 1000


@transaction.atomic
def enquire(*, vat: str, software_slug: str, actor: str, now: datetime) -> ConnectionEnquiry:
    """Keep that somebody asked whether a company can connect, with a live software when they named one.

    :raises VatInvalid: when the number (any spelling) is not possible.
    """
    try:
        number = identifiers.normalise_enterprise_number(vat)
    except identifiers.InvalidEnterpriseNumber as error:
        raise VatInvalid from error
    software = Software.objects.filter(slug=software_slug, state=SoftwareState.LIVE).first()
    enquiry = ConnectionEnquiry.objects.create(enterprise_number=number, software=software, asked_at=now)
    events.record("connection_enquiry.made", subject_uuid=enquiry.uuid, actor=actor, now=now)
    return enquiry


def answer_enquiry(*, enquiry_uuid: UUID, now: datetime) -> bool:
    """Run the checks, write the outcome, and mail it where an address on file works; returns whether it was mailed.

    Repeated it writes nothing new, and the mail is the same message.
    """
    enquiry = _settle(enquiry_uuid, now)
    if enquiry is None or enquiry.mailed_at is not None or now - enquiry.asked_at > GIVE_UP_AFTER:
        return False
    company = find_company(enterprise_number=enquiry.enterprise_number)
    if company is None or not _is_mailable(company) or enquiry.outcome == THROTTLED:
        return False
    emails.enquiry_answer(enquiry, company, made=check_company(company, now)).send()
    ConnectionEnquiry.objects.filter(pk=enquiry.pk).update(mailed_at=now)
    return True


def check_company(company: Company | None, now: datetime) -> list[tuple[Check, bool]]:
    """Run the checks of the company itself, without making a request; our own mail service is none of them."""
    facts = replace(gather_facts(company, now), is_mail_available=True)
    return [(check, passed) for check, passed in run_checks(facts) if check is not Check.MAIL_AVAILABLE]


def delete_old_enquiries(*, now: datetime) -> int:
    """Delete enquiries older than they are kept; returns how many."""
    old = ConnectionEnquiry.objects.filter(asked_at__lt=now - timedelta(days=settings.ENQUIRY_KEEP_DAYS))
    batch = list(old.order_by("asked_at").values_list("pk", flat=True)[:SWEEP_SIZE])
    ConnectionEnquiry.objects.filter(pk__in=batch).delete()
    return len(batch)


@transaction.atomic
def _settle(enquiry_uuid: UUID, now: datetime) -> ConnectionEnquiry | None:
    """Write an enquiry's outcome, unless it has one, and return it; nothing when it was deleted meanwhile."""
    number = ConnectionEnquiry.objects.filter(uuid=enquiry_uuid).values_list("enterprise_number", flat=True).first()
    if number is None:
        return None
    company = lock_company(number)
    enquiry = (
        ConnectionEnquiry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("software", "link")
        .get(uuid=enquiry_uuid)
    )
    if enquiry.outcome:
        return enquiry
    enquiry.outcome, enquiry.answered_at = _outcome(company, now), now
    if company is not None and _is_mailable(company) and enquiry.outcome != THROTTLED:
        enquiry.link = _first_member_link(company, now)
    enquiry.save(update_fields=["outcome", "answered_at", "link"])
    return enquiry


def _outcome(company: Company | None, now: datetime) -> str:
    if company is not None and _is_mailable(company) and _is_throttled(company, now):
        return THROTTLED
    return next((check.value for check, passed in check_company(company, now) if not passed), PASSED)


def _is_mailable(company: Company) -> bool:
    contact = getattr(company, "contact_email", None)
    return contact is not None and contact.is_deliverable


def _is_throttled(company: Company, now: datetime) -> bool:
    """Count from rows the answers of this company, under each of its numbers, and those to its address."""
    former = company.further_numbers.filter(kind=NumberKind.FORMER).values_list("number", flat=True)
    of_company = Q(enterprise_number__in=[company.enterprise_number, *former])
    same_address = ContactEmail.objects.filter(address__iexact=company.contact_email.address)
    of_address = Q(enterprise_number__in=same_address.values("company__enterprise_number"))
    return (
        _count(of_company, now - timedelta(hours=1)) >= settings.ENQUIRY_MAILS_PER_HOUR
        or _count(of_company, now - timedelta(days=1)) >= settings.ENQUIRY_MAILS_PER_DAY
        or _count(of_address, now - timedelta(days=1)) >= settings.ENQUIRY_MAILS_PER_ADDRESS_PER_DAY
    )


def _count(which: Q, since: datetime) -> int:
    """Count answers that were decided to be mailed, so that a mail still on its way counts too."""
    unmailed = [THROTTLED, Check.COMPANY_KNOWN, Check.EMAIL_KNOWN, Check.EMAIL_DELIVERABLE]
    answered = ConnectionEnquiry.objects.filter(which, answered_at__gt=since)
    return answered.exclude(outcome__in=unmailed).count()


def _first_member_link(company: Company, now: datetime) -> MailedLink | None:
    """Return a link by which the reader becomes the first member, while the company is active and has none."""
    if company.state != CompanyState.ACTIVE:
        return None
    return enclose_first_member_link(company_uuid=company.uuid, enclosed_in="system", now=now)
