"""What people of a maker of software see: their software, its connections and requests, and how its calls went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Lower

from apps.accounting_offices.selectors import LinkedPlace, Place, list_places
from apps.core.errors import NotFound
from apps.core.identifiers import normalise_enterprise_number
from apps.tokens.models import Connection, ConnectionRequest, Software, SoftwareKey, SoftwareUsage, Vendor, VendorMember
from apps.tokens.rules import ConnectionState, RequestState, SoftwareState
from apps.users.models import MailedLink, User
from apps.users.rules import FIRST_MEMBER_LINKS


def list_all_places(*, viewer: User) -> list[Place]:
    """Return where a person has rights: companies, offices, then makers of software, each by name."""
    vendors = Vendor.objects.filter(members__user=viewer).values_list(Value("vendor"), "uuid", "name")
    return list_places(viewer=viewer, further=[vendors])


def get_visible_vendor(*, viewer: User, vendor_uuid: UUID) -> Vendor:
    """Return one maker that the person is a member of.

    :raises NotFound: for strangers.
    """
    vendor = Vendor.objects.filter(uuid=vendor_uuid, members__user=viewer).first()
    if vendor is None:
        raise NotFound
    return vendor


def get_software_of(*, vendor: Vendor, software_uuid: UUID) -> Software:
    """Return one software of a maker.

    :raises NotFound: for another one's.
    """
    software = Software.objects.filter(uuid=software_uuid, vendor=vendor).first()
    if software is None:
        raise NotFound
    return software


def get_visible_software(*, viewer: User, vendor_uuid: UUID, software_uuid: UUID) -> tuple[Vendor, Software]:
    """Return a maker that the person is a member of, and one software of it.

    :raises NotFound: for strangers, and for another one's software.
    """
    vendor = get_visible_vendor(viewer=viewer, vendor_uuid=vendor_uuid)
    return vendor, get_software_of(vendor=vendor, software_uuid=software_uuid)


def list_vendor_members(*, vendor: Vendor) -> QuerySet[VendorMember]:
    """Return a maker's members with their people, the earliest first."""
    return vendor.members.select_related("user").order_by("since", "id")


def vendor_of_link(link: MailedLink) -> LinkedPlace:
    """Return the maker that a link leads to; a first member's is open while it went to the address on file."""
    vendor = Vendor.objects.filter(uuid=link.subject_uuid).first()
    if vendor is None:
        raise NotFound
    is_open = vendor.email.lower() == link.address.lower()
    return LinkedPlace(
        "vendor",
        vendor.uuid,
        vendor.name,
        "",
        has_members=vendor.members.exists(),
        is_open=is_open or link.purpose not in FIRST_MEMBER_LINKS,
    )


def list_software_of(*, vendor: Vendor) -> QuerySet[Software]:
    """Return a maker's software by name, with how many companies it acts for and how many requests wait."""
    return vendor.softwares.annotate(
        active=_count(Connection.objects.filter(state=ConnectionState.ACTIVE)),
        suspended=_count(Connection.objects.filter(state=ConnectionState.SUSPENDED)),
        waiting=_count(ConnectionRequest.objects.filter(state=RequestState.WAITING)),
    ).order_by(Lower("name"))


def _count(rows: QuerySet[Any]) -> Coalesce:
    """Return how many rows of a software there are, as a column."""
    counted = rows.filter(software=OuterRef("pk")).order_by().values("software").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)


def list_keys(*, software: Software) -> QuerySet[SoftwareKey]:
    """Return a software's keys, the newest first."""
    return software.keys.order_by("-id")


def list_newest_keys(*, vendor: Vendor) -> QuerySet[SoftwareKey]:
    """Return the newest working key of each software of a maker that is in use, their software joined."""
    working = SoftwareKey.objects.filter(
        software__vendor=vendor, software__state=SoftwareState.LIVE, disabled_at__isnull=True
    )
    return working.select_related("software").order_by("software_id", "-id").distinct("software_id")


def list_connections_of(*, software: Software) -> QuerySet[Connection]:
    """Return a software's connections, their companies joined; of those that ended it may know the number only."""
    return Connection.objects.filter(software=software).select_related("company")


def list_requests_of(*, software: Software) -> QuerySet[ConnectionRequest]:
    """Return what a software asked for."""
    return ConnectionRequest.objects.filter(software=software)


def find_connections(rows: QuerySet[Connection], text: str) -> QuerySet[Connection]:
    """Keep the connections of the company with that enterprise number; none when the text is no number."""
    number = _number(text)
    return rows.filter(company__enterprise_number=number) if number else rows.none()


def find_requests(rows: QuerySet[ConnectionRequest], text: str) -> QuerySet[ConnectionRequest]:
    """Keep the requests for that enterprise number; none when the text is no number."""
    number = _number(text)
    return rows.filter(enterprise_number=number) if number else rows.none()


def _number(text: str) -> str:
    try:
        return normalise_enterprise_number(text)
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Use:
    """How often a software called on a day, and what came of it, by the kinds that are counted."""

    day: date
    counts: Mapping[str, int] = field(default_factory=dict)


def list_use(*, software: Software, today: date, days: int) -> list[Use]:
    """Return the counters of some days, today first."""
    since = today - timedelta(days=days - 1)
    rows = SoftwareUsage.objects.filter(software=software, day__gte=since).values_list("day", "kind")
    found: dict[date, dict[str, int]] = {}
    for day, kind, count in rows.annotate(sum=Sum("count")):
        found.setdefault(day, {})[kind] = count
    return [Use(day, found.get(day, {})) for day in (today - timedelta(days=back) for back in range(days))]
