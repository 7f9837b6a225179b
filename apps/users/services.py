"""People who join, and mailed links that work once. What a link is for is its purpose's own service."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError, NotFound
from apps.core.row_limits import seconds_to_wait
from apps.users.emails import Recipient, security_notice
from apps.users.models import MailedLink, User
from apps.users.rules import LinkPurpose, LinkStanding, SecurityChange
from apps.users.selectors import find_person, standing_of


class LinkNotUsable(DomainError):
    """The link was used, replaced or withdrawn, or its time is over; `standing` says which."""

    code = "link_not_usable"
    sentence = _("This link no longer works. Ask for a new one.")


class TooManyMails(DomainError):
    """Too many links were mailed to this address, or for this company or office; `retry_after` is in seconds."""

    code = "too_many_mails"
    sentence = _("Too many e-mails were asked for. Use the newest one, or try again later.")


class PersonExists(DomainError):
    """Somebody signs in with this address already."""

    code = "person_exists"
    sentence = _("There is a login with this e-mail address already. Sign in with it.")


class PasswordRefused(DomainError):
    """The password is too easy to guess; `reasons` are sentences for the person."""

    code = "password_refused"
    sentence = _("Choose another password. %(reasons)s")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who has no login yet: the password that they chose, and the language in which they chose it."""

    password: str = field(repr=False)
    language: str


@transaction.atomic
def make_person(*, address: str, person: NewPerson) -> User:
    """Make a login for an address that is known to be the person's own, as a mailed link proves.

    :raises PasswordRefused: when the password is too easy to guess.
    :raises PersonExists: when somebody signs in with the address already.
    """
    try:
        validate_password(person.password, User(email=address.lower()))
    except ValidationError as error:
        raise PasswordRefused(reasons=" ".join(error.messages)) from error
    if find_person(address=address):
        raise PersonExists
    try:
        with transaction.atomic():
            user = User.objects.create_user(address, person.password, language=person.language)
    except IntegrityError as error:
        # Somebody made the login since it was looked for.
        raise PersonExists from error
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def choose_language(*, user_uuid: UUID, language: str) -> None:
    """Keep the language in which a person reads our pages and mails."""
    User.objects.filter(uuid=user_uuid).update(language=language)


def end_sessions(*, user_uuid: UUID, now: datetime) -> None:
    """Sign a person out wherever they are signed in; what is open shows it at its next request."""
    User.objects.filter(uuid=user_uuid).update(sessions_ended_at=now)


@transaction.atomic
def remove_second_factor(*, user_uuid: UUID, now: datetime) -> bool:
    """Let somebody in with their password alone again, since they lost their second factor; tell them by mail.

    Returns whether there was one. They are signed out wherever they are signed in.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(uuid=user_uuid)
    removed, _of_type = Authenticator.objects.filter(user=person).delete()
    if not removed:
        return False
    end_sessions(user_uuid=user_uuid, now=now)
    notice = security_notice(
        Recipient(person.email, person.language), change=SecurityChange.REMOVED_BY_STAFF, ip="", now=now
    )
    transaction.on_commit(notice.send)
    return True


@transaction.atomic
def make_link(
    *,
    purpose: LinkPurpose,
    subject_uuid: UUID,
    address: str,
    language: str,
    role: str,
    life: timedelta,
    actor: str,
    now: datetime,
) -> MailedLink:
    """Make a link; an earlier unused one for the same purpose, subject and address no longer works.

    Call it in the transaction that records why, with the subject's row locked. The caller's event has it mailed.

    :raises TooManyMails: when this subject or address was mailed too many links.
    """
    of_subject = MailedLink.objects.filter(purpose=purpose, subject_uuid=subject_uuid, address__iexact=address)
    _check_mails(of_subject, settings.LINK_MAILS_PER_HOUR, timedelta(hours=1), now)
    _check_mails(of_subject, settings.LINK_MAILS_PER_DAY, timedelta(days=1), now)
    of_address = MailedLink.objects.filter(address__iexact=address)
    _check_mails(of_address, settings.LINK_MAILS_PER_ADDRESS_PER_DAY, timedelta(days=1), now)
    of_subject.open().update(replaced_at=now)
    return MailedLink.objects.create(
        purpose=purpose,
        subject_uuid=subject_uuid,
        address=address,
        language=language,
        role=role,
        made_by=actor,
        made_at=now,
        expires_at=now + life,
    )


@transaction.atomic
def use_link(*, link_uuid: UUID, purpose: LinkPurpose, now: datetime) -> MailedLink:
    """Mark a link as used, in the transaction of what it was for; of two at once one succeeds.

    :raises NotFound: when there is no such link of that purpose.
    :raises LinkNotUsable: when it was used, replaced or withdrawn, or its time is over.
    """
    locked = MailedLink.objects.select_for_update(of=("self",), no_key=True)
    link = locked.filter(uuid=link_uuid, purpose=purpose).first()
    if link is None:
        raise NotFound
    standing = standing_of(link, now=now)
    if standing is not LinkStanding.USABLE:
        raise LinkNotUsable(standing=standing.value)
    link.used_at = now
    link.save(update_fields=["used_at"])
    return link


@transaction.atomic
def withdraw_link(*, link_uuid: UUID, purpose: LinkPurpose, subject_uuid: UUID, now: datetime) -> MailedLink:
    """Take back a link that nothing was done with, expired or not; nothing makes it work again.

    :raises NotFound: when there is no such link of that purpose and subject, or something was done with it.
    """
    locked = MailedLink.objects.open().select_for_update(of=("self",), no_key=True)
    link = locked.filter(uuid=link_uuid, purpose=purpose, subject_uuid=subject_uuid).first()
    if link is None:
        raise NotFound
    link.withdrawn_at = now
    link.save(update_fields=["withdrawn_at"])
    return link


def _check_mails(links: QuerySet[MailedLink], limit: int, period: timedelta, now: datetime) -> None:
    if wait := seconds_to_wait(links, at="made_at", limit=limit, period=period, now=now):
        raise TooManyMails(retry_after=wait)
