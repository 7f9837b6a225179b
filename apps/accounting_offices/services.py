"""Writing offices, client links and mandates."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice, ClientLink, Mandate
from apps.accounting_offices.rules import (
    LINK_TRANSITIONS,
    MANDATE_TRANSITIONS,
    OFFICE_TRANSITIONS,
    LinkState,
    MandatePurpose,
    MandateState,
    OfficeState,
)
from apps.companies.locks import CompanyMerged, lock_company
from apps.companies.models import BankAccount, Company
from apps.core.clock import brussels_day
from apps.core.errors import DomainError, IllegalTransition, NotFound
from apps.core.identifiers import normalise_enterprise_number
from apps.core.states import check_transition
from apps.events import services as events
from apps.events.services import News

SWEEP_SIZE: Final = 500


class OfficeExists(DomainError):
    """An office with this enterprise number is known already."""

    code = "office_exists"
    sentence = _("An accounting office with the number %(number)s is already known.")


class DayBeforeStart(DomainError):
    """A link cannot end before its first day."""

    code = "day_before_start"
    sentence = _("The present office has kept the books since %(starts_on)s. Choose a later day.")


class LinksOverlap(DomainError):
    """Another office already keeps the company's books on some of those days."""

    code = "client_links_overlap"
    sentence = _("Another accounting office already keeps the books of this company in that period.")


@transaction.atomic
def apply_as_office(
    *, enterprise_number: str, name: str, email: str, language: str, actor: str, now: datetime
) -> AccountingOffice:
    """Record an accounting office that applies to become a client.

    :raises InvalidEnterpriseNumber: when the number fails its check digits.
    :raises OfficeExists: when it is known already.
    """
    number = normalise_enterprise_number(enterprise_number)
    office, created = AccountingOffice.objects.get_or_create(
        enterprise_number=number,
        defaults={
            "name": name,
            "email": email,
            "language": language,
            "state": OfficeState.APPLIED,
            "applied_at": now,
        },
    )
    if not created:
        raise OfficeExists(number=number)
    events.record("accounting_office.applied", subject_uuid=office.uuid, actor=actor, now=now)
    return office


@transaction.atomic
def approve_office(*, office_uuid: UUID, actor: str, now: datetime) -> AccountingOffice:
    """Make an office a client (again); doing so twice changes nothing.

    :raises NotFound: when there is no such office.
    """
    return _move_office(office_uuid, OfficeState.CLIENT, "accounting_office.approved", actor=actor, now=now)


@transaction.atomic
def end_office(*, office_uuid: UUID, actor: str, now: datetime) -> AccountingOffice:
    """Record that an office is no longer a client.

    :raises IllegalTransition: when it never was one.
    """
    return _move_office(office_uuid, OfficeState.FORMER, "accounting_office.ended", actor=actor, now=now)


def _move_office(office_uuid: UUID, wanted: OfficeState, event: str, *, actor: str, now: datetime) -> AccountingOffice:
    office = AccountingOffice.objects.select_for_update(of=("self",), no_key=True).filter(uuid=office_uuid).first()
    if office is None:
        raise NotFound
    if office.state == wanted:
        return office
    check_transition(OFFICE_TRANSITIONS, OfficeState(office.state), wanted)
    office.state = wanted
    if wanted is OfficeState.CLIENT:
        office.client_at = now
    else:
        office.former_at = now
    office.save(update_fields=["state", "client_at", "former_at"])
    events.record(event, subject_uuid=office.uuid, actor=actor, now=now)
    return office


@transaction.atomic
def start_client_link(
    *, company_uuid: UUID, office_uuid: UUID, client_code: str, starts_on: date, actor: str, now: datetime
) -> ClientLink:
    """Link a company to the office that keeps its books from a day on.

    :raises LinksOverlap: when another link holds some of those days (a transfer ends that one first).
    """
    company = lock_company(company_uuid=company_uuid)
    office = AccountingOffice.objects.get(uuid=office_uuid)
    link = ClientLink(
        company=company,
        office=office,
        client_code=client_code,
        state=LinkState.CURRENT,
        claimed_at=now,
        starts_on=starts_on,
    )
    _write_days(link)
    events.record_many([_news("client_link.started", link, company)], actor=actor, now=now)
    return link


@transaction.atomic
def end_client_link(*, link_uuid: UUID, ends_on: date, actor: str, now: datetime) -> ClientLink:
    """End a link on a day (the first day that is no longer the office's); a claim that waits alone starts on it.

    A link that ends on a later day stays current until then. Several claims go on waiting: staff choose.

    :raises NotFound: when there is no such link.
    :raises IllegalTransition: when it has ended already.
    :raises DayBeforeStart: when the day lies before the link's first.
    :raises LinksOverlap: when the link would reach into the one that comes after it.
    """
    found = ClientLink.objects.filter(uuid=link_uuid).values_list("company__uuid", flat=True).first()
    if found is None:
        raise NotFound
    company = lock_company(company_uuid=found)
    link = ClientLink.objects.select_for_update(of=("self",), no_key=True).get(uuid=link_uuid)
    check_transition(LINK_TRANSITIONS, LinkState(link.state), LinkState.ENDED)
    if link.starts_on and ends_on < link.starts_on:
        raise DayBeforeStart(starts_on=link.starts_on.isoformat())
    close_link(link, company, ends_on, actor=actor, now=now)
    if link.starts_on:
        _start_waiting_claim(company, ends_on, actor=actor, now=now)
    return link


def end_due_links(*, now: datetime) -> int:
    """End the links whose last day has passed, each with the claim that waits alone; returns how many."""
    today = brussels_day(now)
    due = ClientLink.objects.filter(state=LinkState.CURRENT, ends_on__lte=today).order_by("pk")
    return sum(_end_due(link.uuid, link.ends_on, now) for link in due[:SWEEP_SIZE] if link.ends_on)


def _end_due(link_uuid: UUID, ends_on: date, now: datetime) -> bool:
    try:
        end_client_link(link_uuid=link_uuid, ends_on=ends_on, actor="system", now=now)
    except (IllegalTransition, CompanyMerged):
        # Somebody was faster: ended it, or merged its company.
        return False
    return True


def _start_waiting_claim(company: Company, day: date, *, actor: str, now: datetime) -> None:
    """Let a claim that waits alone start on the day that nobody has any more; of several, staff choose."""
    if company.client_links.filter(starts_on__gte=day).exists():
        return
    claims = list(company.client_links.select_for_update(of=("self",), no_key=True).waiting()[:2])
    if len(claims) == 1:
        open_link(claims[0], company, day, actor=actor, now=now)


def close_link(link: ClientLink, company: Company, ends_on: date, *, actor: str, now: datetime) -> None:
    """Write a link's end, in the caller's transaction, which holds the company's lock and has checked the step.

    :raises LinksOverlap: when a link that comes after it holds some of its days then.
    """
    is_over = link.starts_on is None or ends_on <= brussels_day(now)
    link.state, link.ends_on = LinkState.ENDED if is_over else LinkState.CURRENT, ends_on
    _write_days(link)
    name = "client_link.ended" if is_over else "client_link.end_planned"
    events.record_many([_news(name, link, company)], actor=actor, now=now)


def open_link(claim: ClientLink, company: Company, starts_on: date, *, actor: str, now: datetime) -> None:
    """Let a claim start on a day, in the caller's transaction, which holds the company's lock.

    :raises IllegalTransition: when it is no claim any more.
    :raises LinksOverlap: when another link holds some of those days.
    """
    check_transition(LINK_TRANSITIONS, LinkState(claim.state), LinkState.CURRENT)
    claim.state, claim.starts_on = LinkState.CURRENT, starts_on
    _write_days(claim)
    transferred = News("client_link.transferred", claim.uuid, company.uuid, {"starts_on": starts_on.isoformat()})
    events.record_many([_news("client_link.started", claim, company), transferred], actor=actor, now=now)


def _write_days(link: ClientLink) -> None:
    """Write a link with its days, which the table keeps apart from those of the company's other links."""
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError as error:
        raise LinksOverlap from error


def _news(name: str, link: ClientLink, company: Company) -> News:
    days = {"starts_on": link.starts_on, "ends_on": link.ends_on}
    payload = {"link": str(link.uuid), "office": str(link.office.uuid)}
    return News(name, company.uuid, company.uuid, payload | {k: day.isoformat() for k, day in days.items() if day})


@transaction.atomic
def request_mandate(
    *, bank_account_uuid: UUID, purpose: MandatePurpose, signer: str, actor: str, now: datetime
) -> Mandate:
    """Ask a company to sign a mandate for an account; an open request is returned as it is."""
    account = (
        BankAccount.objects.select_for_update(of=("self",), no_key=True)
        .select_related("company")
        .get(uuid=bank_account_uuid)
    )
    open_states = [MandateState.REQUESTED, MandateState.SIGNED, MandateState.ACTIVE]
    standing = Mandate.objects.filter(bank_account=account, purpose=purpose, state__in=open_states).first()
    if standing:
        return standing
    mandate = Mandate.objects.create(
        bank_account=account, purpose=purpose, state=MandateState.REQUESTED, requested_at=now, signer=signer
    )
    _record_mandate(mandate, "mandate.requested", account.company, actor=actor, now=now)
    return mandate


@transaction.atomic
def sign_mandate(*, mandate_uuid: UUID, actor: str, now: datetime) -> Mandate:
    """Record that everybody who must sign has signed."""
    mandate = _lock_mandate(mandate_uuid)
    check_transition(MANDATE_TRANSITIONS, MandateState(mandate.state), MandateState.SIGNED)
    mandate.state, mandate.signed_at, mandate.signer = MandateState.SIGNED, now, ""
    mandate.save(update_fields=["state", "signed_at", "signer"])
    _record_mandate(mandate, "mandate.signed", mandate.bank_account.company, actor=actor, now=now)
    return mandate


@transaction.atomic
def activate_mandate(*, mandate_uuid: UUID, starts_on: date, actor: str, now: datetime) -> Mandate:
    """Record that the bank delivers from a day on."""
    mandate = _lock_mandate(mandate_uuid)
    check_transition(MANDATE_TRANSITIONS, MandateState(mandate.state), MandateState.ACTIVE)
    mandate.state, mandate.starts_on = MandateState.ACTIVE, starts_on
    mandate.save(update_fields=["state", "starts_on"])
    _record_mandate(mandate, "mandate.activated", mandate.bank_account.company, actor=actor, now=now)
    return mandate


@transaction.atomic
def end_mandate(*, mandate_uuid: UUID, ends_on: date, reason: str, actor: str, now: datetime) -> Mandate:
    """End a mandate on a day, with the reason that people are shown."""
    mandate = _lock_mandate(mandate_uuid)
    check_transition(MANDATE_TRANSITIONS, MandateState(mandate.state), MandateState.ENDED)
    mandate.state, mandate.ends_on, mandate.reason = MandateState.ENDED, ends_on, reason
    mandate.save(update_fields=["state", "ends_on", "reason"])
    _record_mandate(mandate, "mandate.ended", mandate.bank_account.company, actor=actor, now=now)
    return mandate


@transaction.atomic
def refuse_mandate(*, mandate_uuid: UUID, reason: str, actor: str, now: datetime) -> Mandate:
    """Record that a signer or the bank refused, with the reason that people are shown."""
    mandate = _lock_mandate(mandate_uuid)
    check_transition(MANDATE_TRANSITIONS, MandateState(mandate.state), MandateState.REFUSED)
    mandate.state, mandate.reason = MandateState.REFUSED, reason
    mandate.save(update_fields=["state", "reason"])
    _record_mandate(mandate, "mandate.refused", mandate.bank_account.company, actor=actor, now=now)
    return mandate


def _record_mandate(mandate: Mandate, name: str, company: Company, *, actor: str, now: datetime) -> None:
    events.record(name, subject_uuid=mandate.uuid, company_uuid=company.uuid, actor=actor, now=now)


def _lock_mandate(mandate_uuid: UUID) -> Mandate:
    mandate = (
        Mandate.objects.select_for_update(of=("self",), no_key=True)
        .select_related("bank_account__company")
        .filter(uuid=mandate_uuid)
        .first()
    )
    if mandate is None:
        raise NotFound
    return mandate
