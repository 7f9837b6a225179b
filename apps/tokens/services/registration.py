"""A maker of software registers by itself: in the sandbox it has its key at once, in the service once staff approve."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.core.row_limits import seconds_to_wait
from apps.events import services as events
from apps.tokens.models import Software, SoftwareKey, Vendor
from apps.tokens.rules import SoftwareState
from apps.tokens.services import vendors
from apps.users.models import MailedLink

# Leaves room for a number, should another software have the same short name.
_LONGEST_SLUG: Final = 40


class VendorKnown(DomainError):
    """A maker of that name is here already, and belongs to somebody else."""

    code = "vendor_known"
    sentence = _("There is a maker with this name already. Ask your colleagues for an invitation, or our support.")


class SoftwareKnown(DomainError):
    """A software of that name is here already."""

    code = "software_known"
    sentence = _("There is a software with this name already. Is it yours? Then write to our support.")


class TooManyRegistrations(DomainError):
    """The sandbox gave out as many keys as it does in a day; `retry_after` is in seconds."""

    code = "too_many_registrations"
    sentence = _("Very many softwares were registered today.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a maker says of itself and of its software."""

    vendor_name: str
    website: str
    email: str
    language: str
    software_name: str
    sector: str
    description: str


@transaction.atomic
def make_registered(*, registration: Registration, actor: str, now: datetime) -> Software:
    """Make a maker and its software, in use at once and with its first key.

    :raises VendorKnown: when there is a maker of that name.
    :raises SoftwareKnown: when there is a software of that name.
    """
    if Vendor.objects.filter(name__iexact=registration.vendor_name).exists():
        raise VendorKnown
    if Software.objects.filter(name__iexact=registration.software_name).exists():
        raise SoftwareKnown
    try:
        with transaction.atomic():
            software = _make(registration, now)
    except IntegrityError as error:
        # Somebody registered the same a moment ago.
        raise SoftwareKnown from error
    events.record("software.registered", subject_uuid=software.uuid, actor=actor, now=now)
    events.record("software_key.given", subject_uuid=software.uuid, actor=actor, now=now)
    return software


def register_in_sandbox(*, registration: Registration, actor: str, now: datetime) -> MailedLink:
    """Make a maker and its software, and return the link of its first member, which nobody is mailed.

    Registering the same again, as long as nobody followed the link, gives a new link and makes nothing.

    :raises VendorKnown: when there is another maker of that name.
    :raises SoftwareKnown: when there is another software of that name.
    :raises TooManyRegistrations: when the day's number is reached.
    :raises TooManyMails: when too many links were made for it.
    """
    wait = seconds_to_wait(
        SoftwareKey.objects.all(),
        at="created_at",
        limit=settings.SANDBOX_REGISTRATIONS_PER_DAY,
        period=timedelta(days=1),
        now=now,
    )
    if wait:
        raise TooManyRegistrations(retry_after=wait)
    with transaction.atomic():
        try:
            vendor = make_registered(registration=registration, actor=actor, now=now).vendor
        except (VendorKnown, SoftwareKnown):
            found = _find_unjoined(registration)
            if found is None:
                raise
            vendor = found
        return vendors.make_first_vendor_link(vendor_uuid=vendor.uuid, actor=actor, now=now)


def _make(registration: Registration, now: datetime) -> Software:
    vendor = Vendor.objects.create(
        name=registration.vendor_name, email=registration.email, language=registration.language
    )
    software = Software.objects.create(
        vendor=vendor,
        slug=_free_slug(registration.software_name),
        name=registration.software_name,
        website=registration.website,
        sector=registration.sector,
        description=registration.description,
        state=SoftwareState.LIVE,
    )
    SoftwareKey.objects.create(software=software, created_at=now)
    return software


def _free_slug(name: str) -> str:
    """Return a short name that no software has."""
    wanted = slugify(name)[:_LONGEST_SLUG].strip("-") or "software"
    taken = set(Software.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)


def _find_unjoined(registration: Registration) -> Vendor | None:
    """Return the maker that was registered with just these names and address, while it has no member."""
    same = Vendor.objects.filter(
        name=registration.vendor_name,
        email__iexact=registration.email,
        softwares__name=registration.software_name,
        members__isnull=True,
    )
    return same.first()
