"""Vendors, their software and keys, and the counters of use."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.events import services as events
from apps.tokens.models import Credential, Software, SoftwareKey, SoftwareUsage, Vendor
from apps.tokens.rules import SoftwareState


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
