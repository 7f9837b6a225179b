"""Mailed links that work once: made and used. What one is for is its purpose's own service."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError, NotFound
from apps.users.models import MailedLink
from apps.users.rules import LinkPurpose, LinkStanding
from apps.users.selectors import standing_of


class LinkNotUsable(DomainError):
    """The link was used or replaced, or its time is over; `standing` says which."""

    code = "link_not_usable"
    sentence = _("This link no longer works. Ask for a new one.")


class TooManyMails(DomainError):
    """Too many links were mailed to this address, or for this company or office; `retry_after` is in seconds."""

    code = "too_many_mails"
    sentence = _("Too many e-mails were asked for. Use the newest one, or try again later.")


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
    of_subject.filter(used_at=None, replaced_at=None).update(replaced_at=now)
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
    :raises LinkNotUsable: when it was used or replaced, or its time is over.
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


def _check_mails(links: QuerySet[MailedLink], limit: int, period: timedelta, now: datetime) -> None:
    """Count from rows, so that a flushed Redis resets nothing that matters."""
    recent = links.filter(made_at__gt=now - period)
    if recent.count() >= limit:
        oldest = recent.aggregate(oldest=Min("made_at"))["oldest"]
        raise TooManyMails(retry_after=max(1, int((oldest + period - now).total_seconds())))
