"""Changing the address on file: asked by an owner, confirmed by whoever reads the new address.

Whatever state the address on file has, a new one must be confirmed, since codes go there: a mistyped one would hand
them to a stranger. The reader of the old address is told, unless mail does not reach it. An office may fill in a
missing address, which is then on file unconfirmed, as in an import; staff may do everything.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.companies import emails
from apps.companies.locks import lock_company
from apps.companies.models import Company, CompanyMember, ContactChange, ContactEmail
from apps.companies.rules import ContactState, MemberRole
from apps.companies.services import put_contact_on_file, write_contact
from apps.core.errors import DomainError, NotFound
from apps.core.letters import GIVE_UP_AFTER
from apps.core.row_limits import seconds_to_wait
from apps.events import services as events
from apps.users.models import MailedLink, User
from apps.users.rules import LinkPurpose, LinkStanding
from apps.users.selectors import standing_of
from apps.users.services import LinkNotUsable, TooManyMails, make_link, use_link


class OwnerNeeded(DomainError):
    """A member who is no owner asked for what only an owner may."""

    code = "owner_needed"
    sentence = _("Only an owner of the company may do this.")


class AddressOnFile(DomainError):
    """The address asked for is on file and confirmed already."""

    code = "address_on_file"
    sentence = _("This address is on file already, and confirmed.")


class ContactOnFile(DomainError):
    """There is an address on file, which only the company itself or staff may change."""

    code = "contact_on_file"
    sentence = _("This company has an e-mail address on file. Only the company itself can change it.")


class ContactChangeLapsed(DomainError):
    """Since it was asked another address was put on file, or who asked is no owner any more."""

    code = "contact_change_lapsed"
    sentence = _("The address on file was changed otherwise in the meantime. Ask for the change again.")


@transaction.atomic
def ask_contact_change(*, company_uuid: UUID, address: str, asker: User, now: datetime) -> ContactChange:
    """Ask for another address on file; it is mailed a link, and the present one a notice. An earlier one is cancelled.

    :raises NotFound: when the asker is no member.
    :raises OwnerNeeded: when they are no owner.
    :raises AddressOnFile: when that address is on file and confirmed.
    :raises TooManyMails: when it was asked too often.
    """
    company = lock_company(company_uuid=company_uuid)
    _check_owner(company, asker)
    contact = ContactEmail.objects.filter(company=company).first()
    if contact and contact.state == ContactState.VERIFIED and contact.address.casefold() == address.casefold():
        raise AddressOnFile
    _check_limit(company, now)
    actor = f"user:{asker.uuid}"
    open_ones = ContactChange.objects.filter(company_uuid=company.uuid, confirmed_at=None, cancelled_at=None)
    open_ones.update(cancelled_at=now)
    change = ContactChange.objects.create(
        company_uuid=company.uuid,
        link=_make_link(company, address.strip(), actor, now),
        former_address=contact.address if contact else "",
        asked_by=asker,
        asked_at=now,
    )
    _record("company.contact_change_asked", change, actor=actor, now=now)
    return change


@transaction.atomic
def confirm_contact_change(*, link_uuid: UUID, now: datetime) -> ContactEmail:
    """Put the new address on file as verified; waiting requests are re-checked by it. Of two at once one succeeds.

    :raises NotFound: when the link is of no such change.
    :raises LinkNotUsable: when the link was used or replaced, or its time is over.
    :raises ContactChangeLapsed: when the address on file was changed otherwise, or its asker is no owner any more.
    """
    company, change = _lock_change(link_uuid)
    if change.cancelled_at is not None:
        raise LinkNotUsable(standing=LinkStanding.REPLACED.value)
    link = use_link(link_uuid=link_uuid, purpose=LinkPurpose.CONTACT_CONFIRMATION, now=now)
    present = ContactEmail.objects.filter(company=company).values_list("address", flat=True).first() or ""
    is_owner = CompanyMember.objects.filter(company=company, user=change.asked_by, role=MemberRole.OWNER).exists()
    if present != change.former_address or not is_owner:
        raise ContactChangeLapsed
    contact = write_contact(company, address=link.address, verified_at=now, actor="mail link", now=now)
    change.confirmed_at = now
    change.save(update_fields=["confirmed_at"])
    _record("company.contact_change_confirmed", change, actor="mail link", now=now)
    return contact


@transaction.atomic
def renew_confirmation(*, link_uuid: UUID, now: datetime) -> ContactChange:
    """Mail a new link to the same address, when the time of its link is over.

    :raises NotFound: when the link is of no such change.
    :raises LinkNotUsable: when it was used, or replaced by a newer one.
    :raises TooManyMails: when too many were mailed.
    """
    company, change = _lock_change(link_uuid)
    standing = standing_of(change.link, now=now)
    if standing is LinkStanding.USABLE:
        return change
    if standing is not LinkStanding.EXPIRED or change.cancelled_at is not None:
        raise LinkNotUsable(standing=standing.value)
    change.link = _make_link(company, change.link.address, "mail link", now)
    change.save(update_fields=["link"])
    _record("company.contact_confirmation_renewed", change, actor="mail link", now=now)
    return change


@transaction.atomic
def cancel_contact_change(*, change_uuid: UUID, actor: str, now: datetime) -> ContactChange:
    """Let the link of an open change stop working; cancelling twice changes nothing.

    :raises NotFound: when there is no such change, or it was confirmed.
    """
    locked = ContactChange.objects.select_for_update(of=("self",), no_key=True)
    change = locked.filter(uuid=change_uuid, confirmed_at=None).first()
    if change is None:
        raise NotFound
    if change.cancelled_at is None:
        change.cancelled_at = now
        change.save(update_fields=["cancelled_at"])
        _record("company.contact_change_cancelled", change, actor=actor, now=now)
    return change


@transaction.atomic
def fill_in_contact(*, company_uuid: UUID, address: str, actor: str, now: datetime) -> ContactEmail:
    """Put an address on file for a company that has none, as its accounting office may.

    :raises NotFound: when there is no such company.
    :raises ContactOnFile: when it has one.
    """
    company = lock_company(company_uuid=company_uuid)
    if ContactEmail.objects.filter(company=company).exists():
        raise ContactOnFile
    return put_contact_on_file(company_uuid=company.uuid, address=address, actor=actor, now=now)


def send_confirmation(*, change_uuid: UUID, now: datetime) -> bool:
    """Hand over the mail with the link, while it works; repeated it is the same message."""
    change = ContactChange.objects.select_related("link").get(uuid=change_uuid)
    is_open = change.confirmed_at is None and change.cancelled_at is None
    company = Company.objects.filter(uuid=change.company_uuid).first()
    if company is None or not is_open or standing_of(change.link, now=now) is not LinkStanding.USABLE:
        return False
    if now - change.link.made_at > GIVE_UP_AFTER:
        return False
    emails.contact_confirmation(change, company).send()
    return True


def send_notice(*, change_uuid: UUID, now: datetime) -> bool:
    """Tell the reader of the address that was on file when the change was asked, if mail reached it, once."""
    change = ContactChange.objects.select_related("link").get(uuid=change_uuid)
    company = Company.objects.select_related("contact_email").filter(uuid=change.company_uuid).first()
    is_due = change.noticed_at is None and change.former_address and now - change.asked_at <= GIVE_UP_AFTER
    if company is None or not is_due or not _reaches(company, change.former_address):
        return False
    emails.contact_notice(change, company).send()
    ContactChange.objects.filter(pk=change.pk).update(noticed_at=now)
    return True


def _reaches(company: Company, address: str) -> bool:
    """Tell whether mail reaches an address, as far as its state says while it is on file; replaced, it is tried."""
    contact = getattr(company, "contact_email", None)
    return contact is None or contact.address != address or contact.is_deliverable


def _make_link(company: Company, address: str, actor: str, now: datetime) -> MailedLink:
    return make_link(
        purpose=LinkPurpose.CONTACT_CONFIRMATION,
        subject_uuid=company.uuid,
        address=address,
        language=company.language,
        role="",
        life=timedelta(days=settings.CONTACT_CONFIRMATION_DAYS),
        actor=actor,
        now=now,
    )


def _check_owner(company: Company, person: User) -> None:
    role = CompanyMember.objects.filter(company=company, user=person).values_list("role", flat=True).first()
    if role is None:
        raise NotFound
    if role != MemberRole.OWNER:
        raise OwnerNeeded


def _check_limit(company: Company, now: datetime) -> None:
    """Return when a change more may be asked: each mails an address that its asker chose, and the one on file."""
    asked = ContactChange.objects.filter(company_uuid=company.uuid)
    limit = settings.CONTACT_CHANGES_PER_DAY
    if wait := seconds_to_wait(asked, at="asked_at", limit=limit, period=timedelta(days=1), now=now):
        raise TooManyMails(retry_after=wait)


def _record(name: str, change: ContactChange, *, actor: str, now: datetime) -> None:
    events.record(name, subject_uuid=change.uuid, company_uuid=change.company_uuid, actor=actor, now=now)


def _lock_change(link_uuid: UUID) -> tuple[Company, ContactChange]:
    """Lock a change and, before it, its company."""
    company_uuid = ContactChange.objects.filter(link__uuid=link_uuid).values_list("company_uuid", flat=True).first()
    if company_uuid is None:
        raise NotFound
    company = lock_company(company_uuid=company_uuid)
    locked = ContactChange.objects.select_for_update(of=("self",), no_key=True).select_related("link", "asked_by")
    change = locked.filter(link__uuid=link_uuid).first()
    if change is None:
        raise LinkNotUsable(standing=LinkStanding.REPLACED.value)
    return company, change
