"""Vendors, their software and keys, and the counters of use."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError, NotFound
from apps.events import services as events
from apps.tokens import usage
from apps.tokens.models import Credential, Software, SoftwareKey, SoftwareUsage, Vendor
from apps.tokens.rules import SoftwareState

# A key is in every installation: two work while the installations move from one to the other, a third is for haste.
MOST_KEYS: Final = 3


class SoftwareNotLive(DomainError):
    """The software may not call us, so it needs no further key."""

    code = "software_not_live"
    sentence = _("This software is not in use here yet, or no longer. Write to our support.")


class TooManyKeys(DomainError):
    """As many keys work as may."""

    code = "too_many_keys"
    sentence = _("There are %(limit)s keys already. End one first.")


class LastKey(DomainError):
    """Without a key that works the software would be locked out."""

    code = "last_key"
    sentence = _("This is the only key that works. Make a further one first, and move your installations to it.")


@transaction.atomic
def register_software(
    *, slug: str, name: str, vendor_name: str, website: str, state: SoftwareState, actor: str, now: datetime
) -> Software:
    """Make a package of a vendor known; making it known again changes nothing."""
    vendor, _created = Vendor.objects.get_or_create(name=vendor_name)
    software, created = Software.objects.get_or_create(
        slug=slug, defaults={"name": name, "vendor": vendor, "website": website, "state": state}
    )
    if created:
        events.record("software.registered", subject_uuid=software.uuid, actor=actor, now=now)
    return software


@transaction.atomic
def give_software_key(*, software_uuid: UUID, actor: str, now: datetime) -> SoftwareKey:
    """Give a software one more key; earlier keys stay valid until they are disabled."""
    software = Software.objects.select_for_update(of=("self",), no_key=True).get(uuid=software_uuid)
    key = SoftwareKey.objects.create(software=software, created_at=now)
    events.record("software_key.given", subject_uuid=software.uuid, actor=actor, now=now)
    return key


@transaction.atomic
def disable_software_key(*, key: UUID, actor: str, now: datetime) -> SoftwareKey:
    """Disable a key at once; doing so twice changes nothing."""
    row = SoftwareKey.objects.select_for_update(of=("self",), no_key=True).select_related("software").get(key=key)
    if row.disabled_at is None:
        row.disabled_at = now
        row.save(update_fields=["disabled_at"])
        events.record("software_key.disabled", subject_uuid=row.software.uuid, actor=actor, now=now)
    return row


def write_usage() -> None:
    """Write the counters of use and the last uses that were gathered."""
    gathered = usage.take()
    add_usage(counts=gathered.counts)
    note_last_uses(used_at=gathered.last_uses)


@transaction.atomic
def give_further_key(*, software_uuid: UUID, actor: str, now: datetime) -> SoftwareKey:
    """Give a maker a further key for its software, which works beside the present one until that is ended.

    :raises NotFound: when there is no such software.
    :raises SoftwareNotLive: when it has none yet, or was disabled: then its first key is staff's to give.
    :raises TooManyKeys: when as many work as may.
    """
    software = _lock(software_uuid)
    if software.state != SoftwareState.LIVE:
        raise SoftwareNotLive
    if software.keys.filter(disabled_at=None).count() >= MOST_KEYS:
        raise TooManyKeys(limit=MOST_KEYS)
    key = SoftwareKey.objects.create(software=software, created_at=now)
    events.record("software_key.given", subject_uuid=software.uuid, actor=actor, now=now)
    return key


@transaction.atomic
def end_key(*, software_uuid: UUID, key: str, actor: str, now: datetime) -> SoftwareKey:
    """End one of several keys of a software at once; every installation that still sends it is refused.

    :raises NotFound: when it is no key of that software.
    :raises LastKey: when no other one works.
    """
    software = _lock(software_uuid)
    working = software.keys.filter(disabled_at=None)
    row = next((each for each in working if str(each.key) == key), None)
    if row is None:
        raise NotFound
    if len(working) == 1:
        raise LastKey
    return disable_software_key(key=row.key, actor=actor, now=now)


def _lock(software_uuid: UUID) -> Software:
    software = Software.objects.select_for_update(of=("self",), no_key=True).filter(uuid=software_uuid).first()
    if software is None:
        raise NotFound
    return software


@transaction.atomic
def add_usage(*, counts: Mapping[tuple[int, date, str], int]) -> None:
    """Add counts of use per (software id, day, kind); rows are locked in one order."""
    keys = sorted(counts)
    SoftwareUsage.objects.bulk_create(
        [SoftwareUsage(software_id=software, day=day, kind=kind) for software, day, kind in keys],
        ignore_conflicts=True,
    )
    for software, day, kind in keys:
        SoftwareUsage.objects.filter(software_id=software, day=day, kind=kind).update(
            count=F("count") + counts[(software, day, kind)]
        )


@transaction.atomic
def note_last_uses(*, used_at: Mapping[int, datetime]) -> None:
    """Write the last use of credentials (by id); an older instant never replaces a newer one."""
    rows = list(Credential.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=used_at).order_by("pk"))
    for row in rows:
        row.last_used_at = max(filter(None, (row.last_used_at, used_at[row.pk])))
    Credential.objects.bulk_update(rows, ["last_used_at"])
