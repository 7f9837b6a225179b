"""The API credentials of an accounting office, which its owners make, renew and end in the portal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.companies.rules import MemberRole
from apps.core.errors import DomainError, NotFound
from apps.events import services as events
from apps.tokens import secrets
from apps.tokens.models import Credential
from apps.tokens.rules import is_pair_void
from apps.users.models import User

OFFICE_USERNAME_PREFIX: Final = "OF-"
USERNAME_LENGTH: Final = 30
MOST_PAIRS: Final = 20
LONGEST_NAME: Final = 60


class OwnersGiveCredentials(DomainError):
    """A pair reads all clients' documents: an owner gives it."""

    code = "owner_only"
    sentence = _("Only an owner of the office can change its API credentials.")


class TooManyPairs(DomainError):
    """An office needs one pair for each program, not hundreds."""

    code = "too_many_credentials"
    sentence = _("An office has at most %(most)s pairs of credentials. End one that is no longer used.")


@dataclass(frozen=True, slots=True)
class OfficePair:
    """A pair as it was just given; its password is shown this once and stored nowhere."""

    name: str
    username: str
    password: str


@transaction.atomic
def give_office_credentials(*, office_uuid: UUID, password: str | None, actor: str, now: datetime) -> tuple[str, str]:
    """Give an accounting office API credentials and return them: user name, password (shown this once).

    A given `password` is for the demo only, where the same one must come back on every run.
    """
    pair = _give(_lock(office_uuid), name="", password=password or secrets.make_password(), actor=actor, now=now)
    return pair.username, pair.password


@transaction.atomic
def make_office_credentials(*, office_uuid: UUID, name: str, by: User, now: datetime) -> OfficePair:
    """Give an office a further pair under a name by which its people know it again.

    :raises NotFound: when there is no such office.
    :raises OwnersGiveCredentials: when who asks does not own it.
    :raises TooManyPairs: when it has `MOST_PAIRS` that work.
    """
    office = _lock_owned(office_uuid, by)
    if _working(office, now).count() >= MOST_PAIRS:
        raise TooManyPairs(most=MOST_PAIRS)
    name = " ".join(name.split())[:LONGEST_NAME]
    return _give(office, name=name, password=secrets.make_password(), actor=f"user:{by.uuid}", now=now)


@transaction.atomic
def rotate_office_credentials(*, office_uuid: UUID, username: str, by: User, now: datetime) -> OfficePair:
    """Give a pair of the same name; the former one works beside it for `CREDENTIAL_OVERLAP_HOURS`.

    :raises NotFound: when the office has no such pair that goes on working.
    :raises OwnersGiveCredentials: when who asks does not own the office.
    """
    office = _lock_owned(office_uuid, by)
    former = _find(office, username, now)
    if former.overlap_until is not None:
        raise NotFound
    former.overlap_until = now + timedelta(hours=settings.CREDENTIAL_OVERLAP_HOURS)
    former.save(update_fields=["overlap_until"])
    return _give(office, name=former.name, password=secrets.make_password(), actor=f"user:{by.uuid}", now=now)


@transaction.atomic
def end_office_credentials(*, office_uuid: UUID, username: str, by: User, now: datetime) -> None:
    """Let a pair stop working at once.

    :raises NotFound: when the office has no such pair that works.
    :raises OwnersGiveCredentials: when who asks does not own the office.
    """
    office = _lock_owned(office_uuid, by)
    credential = _find(office, username, now)
    credential.voided_at = now
    credential.save(update_fields=["voided_at"])
    events.record("office_credentials.ended", subject_uuid=office.uuid, actor=f"user:{by.uuid}", now=now)


def _lock(office_uuid: UUID) -> AccountingOffice:
    office = AccountingOffice.objects.select_for_update(of=("self",), no_key=True).filter(uuid=office_uuid).first()
    if office is None:
        raise NotFound
    return office


def _lock_owned(office_uuid: UUID, by: User) -> AccountingOffice:
    office = _lock(office_uuid)
    if not office.members.filter(user=by, role=MemberRole.OWNER).exists():
        raise OwnersGiveCredentials
    return office


def _working(office: AccountingOffice, now: datetime) -> QuerySet[Credential]:
    return office.credentials.filter(Q(overlap_until=None) | Q(overlap_until__gt=now), voided_at=None)


def _find(office: AccountingOffice, username: str, now: datetime) -> Credential:
    credential = office.credentials.select_for_update(of=("self",), no_key=True).filter(username=username).first()
    if credential is None or is_pair_void(
        voided_at=credential.voided_at, overlap_until=credential.overlap_until, now=now
    ):
        raise NotFound
    return credential


def _give(office: AccountingOffice, *, name: str, password: str, actor: str, now: datetime) -> OfficePair:
    username = f"{OFFICE_USERNAME_PREFIX}{uuid4()}"[:USERNAME_LENGTH]
    digest = secrets.password_digest(password)
    Credential.objects.create(office=office, name=name, username=username, digest=digest, created_at=now)
    events.record("office_credentials.given", subject_uuid=office.uuid, actor=actor, now=now)
    return OfficePair(name, username, password)
