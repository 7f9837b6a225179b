"""A client goes from one accounting office to another: a claim, which the present office or staff confirm or refuse."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices import emails
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.rules import LINK_TRANSITIONS, LinkState, is_in_force
from apps.accounting_offices.selectors import link_in_force
from apps.accounting_offices.services import DayBeforeStart, LinksOverlap, close_link, open_link, start_client_link
from apps.companies.locks import lock_company
from apps.companies.models import Company
from apps.companies.selectors import find_company
from apps.core.clock import brussels_day
from apps.core.errors import DomainError, IllegalTransition, NotFound
from apps.core.identifiers import format_enterprise_number, normalise_enterprise_number
from apps.core.states import check_transition
from apps.events import services as events
from apps.events.models import Event

LISTED_IN_MAIL: Final = 20


class CompanyNotKnown(DomainError):
    """An office claims a number that nobody has registered; it adds the company to its list of clients instead."""

    code = "company_not_known"
    sentence = _("The company %(number)s is not known yet. Add it with your list of clients.")


class NotTheirDay(DomainError):
    """An office confirmed a transfer for a day on which it does not keep the company's books."""

    code = "not_their_day"
    sentence = _("You do not keep the books of this company on that day. Choose another day.")


@transaction.atomic
def claim_client(
    *, office_uuid: UUID, enterprise_number: str, client_code: str, starts_on: date, actor: str, now: datetime
) -> ClientLink:
    """Ask to keep a company's books from a day on: the claim waits, or starts at once when no office does so that day.

    Claiming again while the claim waits changes nothing; an own link that holds the day is returned as it is.

    :raises InvalidEnterpriseNumber: when the number fails its check digits.
    :raises CompanyNotKnown: when nobody has registered the company.
    :raises LinksOverlap: when another office's work starts after that day.
    """
    number = normalise_enterprise_number(enterprise_number)
    known = find_company(enterprise_number=number)
    if known is None:
        raise CompanyNotKnown(number=format_enterprise_number(number))
    company = lock_company(company_uuid=known.uuid)
    office = AccountingOffice.objects.get(uuid=office_uuid)
    own = company.client_links.filter(office=office)
    if standing := own.holding(starts_on).first() or own.waiting().first():
        return standing
    if link_in_force(company=company, on=starts_on) is None:
        return start_client_link(
            company_uuid=company.uuid, office_uuid=office_uuid, client_code=client_code, starts_on=starts_on,
            actor=actor, now=now,
        )  # fmt: skip
    claim = ClientLink.objects.create(
        company=company,
        office=office,
        client_code=client_code,
        state=LinkState.CLAIMED,
        claimed_at=now,
        claimed_from=starts_on,
    )
    _record(claim, company, "client_link.claimed", actor=actor, now=now)
    return claim


@transaction.atomic
def confirm_transfer(
    *, link_uuid: UUID, starts_on: date, actor: str, now: datetime, by_office: UUID | None = None
) -> ClientLink:
    """Let a claim start on a day, and the present office's link end on it. Documents follow by their own day.

    The day may be past: what was delivered already stays with the office that got it. An office (`by_office`) gives
    away only days that are its own; staff name none.

    :raises NotFound: when there is no such claim.
    :raises NotTheirDay: when the confirming office does not keep the books that day.
    :raises IllegalTransition: when it is no claim any more.
    :raises DayBeforeStart: when the present office's link starts on that day or later.
    :raises LinksOverlap: when another link holds some of those days.
    """
    claim, company = _lock_claim(link_uuid)
    check_transition(LINK_TRANSITIONS, LinkState(claim.state), LinkState.CURRENT)
    links = company.client_links.select_for_update(of=("self",), no_key=True)
    if by_office and not links.holding(starts_on).filter(office__uuid=by_office).exists():
        raise NotTheirDay
    for present in links.exclude(pk=claim.pk).holding(starts_on):
        if present.office_id == claim.office_id:
            raise LinksOverlap
        if present.starts_on == starts_on:
            raise DayBeforeStart(starts_on=starts_on.isoformat())
        close_link(present, company, starts_on, actor=actor, now=now)
    if links.exclude(state=LinkState.CLAIMED).filter(starts_on__gte=starts_on).exists():
        raise LinksOverlap
    open_link(claim, company, starts_on, actor=actor, now=now)
    return claim


@transaction.atomic
def object_to_claim(*, link_uuid: UUID, reason: str, actor: str, now: datetime) -> ClientLink:
    """Keep the present office's objection to a claim, which staff decide on; the claim goes on waiting.

    :raises NotFound: when there is no such claim.
    :raises IllegalTransition: when it is no claim any more.
    """
    claim, company = _lock_claim(link_uuid)
    check_transition(LINK_TRANSITIONS, LinkState(claim.state), LinkState.CURRENT)
    claim.objection = reason.strip()[:300]
    claim.save(update_fields=["objection"])
    _record(claim, company, "client_link.objected", actor=actor, now=now)
    return claim


@transaction.atomic
def refuse_claim(*, link_uuid: UUID, reason: str, actor: str, now: datetime) -> ClientLink:
    """End a claim with staff's reason, which the claiming office reads. Refusing twice changes nothing.

    :raises NotFound: when there is no such claim.
    :raises IllegalTransition: when it has become a link.
    """
    claim, company = _lock_claim(link_uuid)
    if claim.state == LinkState.ENDED and claim.starts_on is None:
        return claim
    _end_claim(claim)
    claim.refusal = reason.strip()[:300]
    claim.save(update_fields=["state", "refusal"])
    _record(claim, company, "client_link.claim_refused", actor=actor, now=now)
    return claim


@transaction.atomic
def withdraw_claim(*, link_uuid: UUID, actor: str, now: datetime) -> ClientLink:
    """End a claim that its own office no longer wants. Withdrawing twice changes nothing.

    :raises NotFound: when there is no such claim.
    :raises IllegalTransition: when it has become a link.
    """
    claim, company = _lock_claim(link_uuid)
    if claim.state == LinkState.ENDED and claim.starts_on is None:
        return claim
    _end_claim(claim)
    claim.save(update_fields=["state"])
    _record(claim, company, "client_link.claim_withdrawn", actor=actor, now=now)
    return claim


def tell_of_claims(*, now: datetime, company_uuid: UUID | None = None, office_uuid: UUID | None = None) -> int:
    """Tell each present office of the claims it was not told of, in one mail a claiming office; returns how many mails.

    For one company, or for all claims of an office. A crash after a mail repeats it, with the same Message-ID.
    """
    which = Q(company__uuid=company_uuid) if company_uuid else Q(office__uuid=office_uuid)
    claims = ClientLink.objects.waiting().filter(which, told_at=None).select_related("company", "office").order_by("pk")
    present = _present_offices(list(claims), brussels_day(now))
    told: dict[tuple[int, int], list[ClientLink]] = {}
    for claim in claims:
        if claim.pk in present:
            told.setdefault((present[claim.pk].pk, claim.office_id), []).append(claim)
    for together in told.values():
        emails.claims_notice(present[together[0].pk], together, listed=LISTED_IN_MAIL).send()
        ClientLink.objects.filter(pk__in=[claim.pk for claim in together]).update(told_at=now)
    return len(told)


def _present_offices(claims: Sequence[ClientLink], today: date) -> dict[int, AccountingOffice]:
    """Return by claim which office keeps the books on the day that is asked, or else today."""
    rows = ClientLink.objects.filter(company__in=[claim.company_id for claim in claims]).exclude(starts_on=None)
    links: dict[int, list[ClientLink]] = {}
    for link in rows.select_related("office"):
        links.setdefault(link.company_id, []).append(link)
    present = {}
    for claim in claims:
        days = [day for day in (claim.claimed_from, today) if day]
        held = (link for day in days for link in links.get(claim.company_id, []) if _holds(link, day))
        if office := next((link.office for link in held if link.office_id != claim.office_id), None):
            present[claim.pk] = office
    return present


def _holds(link: ClientLink, day: date) -> bool:
    return is_in_force(link.starts_on, link.ends_on, on=day)


def tell_of_transfer(*, link_uuid: UUID) -> int:
    """Tell the claiming office and the company that a transfer was confirmed; returns how many mails."""
    at = _told_at(link_uuid, "client_link.transferred")
    link = ClientLink.objects.select_related("company__contact_email", "office").get(uuid=link_uuid)
    contact = getattr(link.company, "contact_email", None)
    mails = [emails.transfer_confirmed(link, written_at=at)]
    if contact and contact.is_deliverable:
        mails.append(emails.office_changes(link, contact.address, written_at=at))
    for mail in mails:
        mail.send()
    return len(mails)


def tell_of_refusal(*, link_uuid: UUID) -> None:
    """Tell the claiming office that staff refused its claim, and why."""
    at = _told_at(link_uuid, "client_link.claim_refused")
    link = ClientLink.objects.select_related("company", "office").get(uuid=link_uuid)
    emails.claim_refused(link, written_at=at).send()


def _told_at(link_uuid: UUID, name: str) -> datetime:
    """Return when it happened, so that a repeated mail is the same message."""
    return Event.objects.filter(subject_uuid=link_uuid, name=name).latest("id").at


def _lock_claim(link_uuid: UUID) -> tuple[ClientLink, Company]:
    """Lock a claim after its company."""
    company_uuid = ClientLink.objects.filter(uuid=link_uuid).values_list("company__uuid", flat=True).first()
    if company_uuid is None:
        raise NotFound
    company = lock_company(company_uuid=company_uuid)
    return company.client_links.select_for_update(of=("self",), no_key=True).get(uuid=link_uuid), company


def _end_claim(claim: ClientLink) -> None:
    if claim.state == LinkState.CURRENT:
        # A link that holds days ends on a day, by `end_client_link`.
        raise IllegalTransition(current=claim.state, wanted=LinkState.ENDED.value)
    check_transition(LINK_TRANSITIONS, LinkState(claim.state), LinkState.ENDED)
    claim.state = LinkState.ENDED


def _record(claim: ClientLink, company: Company, name: str, *, actor: str, now: datetime) -> None:
    # The claim is the subject where somebody is told of it, the company where all its claims may be.
    subject = company.uuid if name == "client_link.claimed" else claim.uuid
    events.record(
        name,
        subject_uuid=subject,
        company_uuid=company.uuid,
        actor=actor,
        now=now,
        payload={"link": str(claim.uuid), "office": str(claim.office.uuid)},
    )
