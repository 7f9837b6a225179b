"""Writing companies, their contact and their accounts."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.companies.locks import lock_company
from apps.companies.models import BankAccount, Company, CompanyNumber, ContactEmail
from apps.companies.rules import (
    COMPANY_TRANSITIONS,
    CONTACT_TRANSITIONS,
    CompanyState,
    ContactState,
    NumberKind,
)
from apps.companies.selectors import has_other_owner
from apps.core.errors import DomainError, IllegalTransition, NotFound
from apps.core.identifiers import normalise_enterprise_number, normalise_iban
from apps.core.states import check_transition
from apps.events import services as events

# A company is merged by `merging.services`, never by setting its state.
COMPANY_EVENTS: Final = {
    CompanyState.ACTIVE: "company.reactivated",
    CompanyState.CEASED: "company.ceased",
    CompanyState.BLOCKED: "company.blocked",
}


class CompanyExists(DomainError):
    """The number is already another company's: that is a merge, which staff confirm."""

    code = "company_exists"
    sentence = _("The enterprise number %(number)s belongs to a company that is already known.")


class NumberOfOther(DomainError):
    """The number is, or was, another company's: making one of the two is a merge, which staff confirm."""

    code = "number_of_other_company"
    sentence = _("The number %(number)s belongs to another company. Making one of the two is a merge.")


class AccountOfOther(DomainError):
    """The account (IBAN and currency) belongs to another company."""

    code = "account_of_other_company"
    sentence = _("The account %(iban)s in %(currency)s belongs to another company.")


@transaction.atomic
def register_company(*, enterprise_number: str, name: str, language: str, actor: str, now: datetime) -> Company:
    """Make a company known by its enterprise number (any spelling).

    :raises InvalidEnterpriseNumber: when the number fails its check digits.
    :raises CompanyExists: when it is known already, or was until its company was merged into another.
    """
    number = normalise_enterprise_number(enterprise_number)
    if Company.objects.filter(enterprise_number=number, state=CompanyState.MERGED).exists():
        raise CompanyExists(number=number)
    company, created = Company.objects.live().get_or_create(
        enterprise_number=number, defaults={"name": name, "language": language, "created_at": now}
    )
    if not created:
        raise CompanyExists(number=number)
    events.record("company.registered", subject_uuid=company.uuid, company_uuid=company.uuid, actor=actor, now=now)
    return company


@transaction.atomic
def correct_company_number(
    *, company_uuid: UUID, enterprise_number: str, valid_from: date, actor: str, now: datetime
) -> Company:
    """Give a company its right number; the one it had stays valid on documents dated before `valid_from`.

    Connections, feeds and papers stay as they are. Saying the same number again changes nothing.

    :raises InvalidEnterpriseNumber: when the number fails its check digits.
    :raises NumberOfOther: when the new number, or the one it had, is another company's. Merging is not done here.
    """
    number = normalise_enterprise_number(enterprise_number)
    company = lock_company(company_uuid=company_uuid, for_key=True)
    if company.enterprise_number == number:
        return company
    former = _swap_number(company, number, valid_from)
    events.record(
        "company.number_corrected",
        subject_uuid=company.uuid,
        company_uuid=company.uuid,
        actor=actor,
        now=now,
        payload={"former_number_id": former.pk},
    )
    return company


def _swap_number(company: Company, number: str, valid_from: date) -> CompanyNumber:
    """Write the new key and keep the old one as a former number, which is returned."""
    old = company.enterprise_number
    for claimed in (number, old):
        if has_other_owner(company=company, number=claimed):
            raise NumberOfOther(number=claimed)
    company.enterprise_number = number
    try:
        with transaction.atomic():
            company.save(update_fields=["enterprise_number"])
    except IntegrityError as error:
        # Another company took the number since it was looked up.
        raise NumberOfOther(number=number) from error
    company.further_numbers.filter(number=number).delete()
    former, _created = CompanyNumber.objects.update_or_create(
        company=company, number=old, defaults={"kind": NumberKind.FORMER, "valid_until": valid_from}
    )
    return former


@transaction.atomic
def add_vat_unit(*, company_uuid: UUID, number: str, actor: str, now: datetime) -> CompanyNumber | None:
    """Add the number of a VAT unit that a company belongs to; its documents may bear it from then on.

    Several companies may have the same one. Adding a number that the company has already changes nothing; it
    is None when that is its enterprise number.

    :raises InvalidEnterpriseNumber: when the number fails its check digits.
    :raises NumberOfOther: when it is the enterprise number of another company, or was.
    """
    digits = normalise_enterprise_number(number)
    company = lock_company(company_uuid=company_uuid)
    if company.enterprise_number == digits:
        return None
    if has_other_owner(company=company, number=digits):
        raise NumberOfOther(number=digits)
    row, created = CompanyNumber.objects.get_or_create(
        company=company, number=digits, defaults={"kind": NumberKind.VAT_UNIT}
    )
    if created:
        events.record(
            "company.vat_unit_added",
            subject_uuid=company.uuid,
            company_uuid=company.uuid,
            actor=actor,
            now=now,
            payload={"number_id": row.pk},
        )
    return row


@transaction.atomic
def set_company_state(*, company_uuid: UUID, state: CompanyState, actor: str, now: datetime) -> Company:
    """Mark a company active, ceased or blocked; saying the same again changes nothing.

    :raises IllegalTransition: for any other state.
    """
    company = lock_company(company_uuid=company_uuid)
    if company.state == state:
        return company
    if state not in COMPANY_EVENTS:
        raise IllegalTransition(current=company.state, wanted=state.value)
    check_transition(COMPANY_TRANSITIONS, CompanyState(company.state), state)
    company.state = state
    company.save(update_fields=["state"])
    events.record(COMPANY_EVENTS[state], subject_uuid=company.uuid, company_uuid=company.uuid, actor=actor, now=now)
    return company


@transaction.atomic
def put_contact_on_file(*, company_uuid: UUID, address: str, actor: str, now: datetime) -> ContactEmail:
    """Put an e-mail address on file, or replace the one that is there; waiting requests are re-checked by it.

    The address that is there and works stays as it is: a verified one must not become unverified.
    """
    company = lock_company(company_uuid=company_uuid)
    standing = ContactEmail.objects.filter(company=company).first()
    if standing and standing.address == address.strip() and standing.is_deliverable:
        return standing
    return write_contact(company, address=address.strip(), verified_at=None, actor=actor, now=now)


def write_contact(
    company: Company, *, address: str, verified_at: datetime | None, actor: str, now: datetime
) -> ContactEmail:
    """Write a company's address on file, verified or not, in the caller's transaction, which holds its lock."""
    state = ContactState.VERIFIED if verified_at else ContactState.ON_FILE
    contact, _created = ContactEmail.objects.update_or_create(
        company=company,
        defaults={
            "address": address,
            "state": state,
            "on_file_at": now,
            "verified_at": verified_at,
            "undeliverable_at": None,
        },
    )
    events.record(
        "company.contact_changed",
        subject_uuid=company.uuid,
        company_uuid=company.uuid,
        actor=actor,
        now=now,
        payload={"state": state.value} if verified_at else {},
    )
    return contact


@transaction.atomic
def set_contact_state(*, company_uuid: UUID, state: ContactState, actor: str, now: datetime) -> ContactEmail:
    """Move the address on file to another state.

    :raises NotFound: when the company has no address on file.
    :raises IllegalTransition: when the state's table does not hold the step.
    """
    company = lock_company(company_uuid=company_uuid)
    contact = ContactEmail.objects.select_for_update(of=("self",), no_key=True).filter(company=company).first()
    if contact is None:
        raise NotFound
    if contact.state == state:
        return contact
    check_transition(CONTACT_TRANSITIONS, ContactState(contact.state), state)
    contact.state = state
    contact.verified_at = now if state is ContactState.VERIFIED else contact.verified_at
    is_undeliverable = state in {ContactState.BOUNCED, ContactState.COMPLAINED}
    contact.undeliverable_at = now if is_undeliverable else None
    contact.save(update_fields=["state", "verified_at", "undeliverable_at"])
    events.record(
        "company.contact_changed",
        subject_uuid=company.uuid,
        company_uuid=company.uuid,
        actor=actor,
        now=now,
        payload={"state": state.value},
    )
    return contact


def set_state_of_address(*, address: str, state: ContactState, actor: str, now: datetime) -> int:
    """Move an address on file to another state for every company that has it; returns how many were moved.

    One address often serves many clients of an office: what happens to it happens to all of them.
    """
    shared = ContactEmail.objects.filter(address__iexact=address).exclude(state=state).order_by("company_id")
    # What stays with a merged company is history.
    shared = shared.exclude(company__state=CompanyState.MERGED)
    moved = 0
    for company_uuid, current in shared.values_list("company__uuid", "state"):
        if state in CONTACT_TRANSITIONS[ContactState(current)]:
            set_contact_state(company_uuid=company_uuid, state=state, actor=actor, now=now)
            moved += 1
    return moved


@transaction.atomic
def add_bank_account(
    *, company_uuid: UUID, iban: str, currency: str, bic: str, actor: str, now: datetime
) -> BankAccount:
    """Add an account to a company; adding it again changes nothing.

    :raises InvalidIban: when the IBAN fails its check digits.
    :raises AccountOfOther: when it is another company's.
    """
    company = lock_company(company_uuid=company_uuid)
    account, created = BankAccount.objects.get_or_create(
        iban=normalise_iban(iban), currency=currency, defaults={"company": company, "bic": bic}
    )
    if account.company_id != company.pk:
        raise AccountOfOther(iban=account.iban, currency=currency)
    if created:
        events.record("bank_account.added", subject_uuid=account.uuid, company_uuid=company.uuid, actor=actor, now=now)
    return account
