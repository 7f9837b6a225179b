"""Looking at a merge before it happens, and making it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.companies.locks import CompanyMerged, lock_for_merge
from apps.companies.merging.movers import Merge, Mover, Obstacle, load_movers
from apps.companies.models import Company
from apps.companies.rules import COMPANY_TRANSITIONS, CompanyState
from apps.core.errors import DomainError, NotFound
from apps.core.states import check_transition
from apps.events import services as events


class SameCompany(DomainError):
    """Both numbers name one company."""

    code = "same_company"
    sentence = _("Both numbers name the same company.")


class MergeConflict(DomainError):
    """Something stands in the way; `params["reasons"]` says what."""

    code = "merge_conflict"
    sentence = _("The two companies cannot be merged yet. %(reasons)s")


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of a kind hang on the company that would be absorbed."""

    label: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would move, and what stands in its way."""

    survivor: Company
    absorbed: Company
    moved: tuple[Moved, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def is_possible(self) -> bool:
        """Tell whether nothing stands in the way."""
        return not self.obstacles

    @property
    def is_possible_without_copies(self) -> bool:
        """Tell whether nothing stands in the way once the absorbed company's copies stay behind."""
        return all(obstacle.is_waived_by_copies for obstacle in self.obstacles)


def preview_merge(*, surviving_uuid: UUID, absorbed_uuid: UUID) -> MergePreview:
    """Say what a merge would move and what stands in its way; nothing is changed or locked.

    :raises NotFound: when there is no such company.
    :raises SameCompany: :raises CompanyMerged: when there are no two companies to merge.
    """
    found = {row.uuid: row for row in Company.objects.filter(uuid__in=[surviving_uuid, absorbed_uuid])}
    survivor, absorbed = _both(found, surviving_uuid, absorbed_uuid)
    movers = load_movers()
    return MergePreview(survivor, absorbed, _count(movers, absorbed), _find_obstacles(movers, survivor, absorbed))


@transaction.atomic
def merge_companies(
    *,
    surviving_uuid: UUID,
    absorbed_uuid: UUID,
    valid_until: date,
    actor: str,
    now: datetime,
    leaves_copies: bool = False,
) -> Company:
    """Make two companies one; returns the one that goes on. It cannot be undone; doing it twice changes nothing.

    The absorbed company's number stays valid on documents dated before `valid_until`, and finds the survivor for
    ever. `leaves_copies` leaves the absorbed company's invoices behind of which the survivor has the same number.

    :raises NotFound: when there is no such company.
    :raises SameCompany: :raises CompanyMerged: when there are no two companies to merge.
    :raises MergeConflict: when something stands in the way; nothing is changed then.
    """
    found = lock_for_merge(company_uuids=(surviving_uuid, absorbed_uuid))
    if _is_done(found, surviving_uuid, absorbed_uuid):
        return found[surviving_uuid]
    survivor, absorbed = _both(found, surviving_uuid, absorbed_uuid)
    movers = load_movers()
    obstacles = _find_obstacles(movers, survivor, absorbed)
    if standing := [found for found in obstacles if not (leaves_copies and found.is_waived_by_copies)]:
        raise MergeConflict(reasons=" ".join(map(str, standing)))
    counts = {moved.kind: moved.count for moved in _count(movers, absorbed)}
    merge = Merge(survivor, absorbed, valid_until, leaves_copies, actor, now)
    for mover in movers:
        mover.move(merge)
    _close(merge)
    events.record(
        "company.merged",
        subject_uuid=survivor.uuid,
        company_uuid=survivor.uuid,
        actor=actor,
        now=now,
        payload={"absorbed": str(absorbed.uuid), "valid_until": valid_until.isoformat(), "moved": counts},
    )
    return survivor


def _is_done(found: dict[UUID, Company], surviving_uuid: UUID, absorbed_uuid: UUID) -> bool:
    survivor, absorbed = found.get(surviving_uuid), found.get(absorbed_uuid)
    return survivor is not None and absorbed is not None and absorbed.merged_into_id == survivor.pk


def _both(found: dict[UUID, Company], surviving_uuid: UUID, absorbed_uuid: UUID) -> tuple[Company, Company]:
    survivor, absorbed = found.get(surviving_uuid), found.get(absorbed_uuid)
    if survivor is None or absorbed is None:
        raise NotFound
    if survivor == absorbed:
        raise SameCompany
    for company in (survivor, absorbed):
        if company.merged_into is not None:
            raise CompanyMerged(number=company.merged_into.enterprise_number)
    return survivor, absorbed


def _find_obstacles(movers: Sequence[Mover], survivor: Company, absorbed: Company) -> tuple[Obstacle, ...]:
    return tuple(found for mover in movers for found in mover.find_obstacles(survivor, absorbed))


def _count(movers: Sequence[Mover], absorbed: Company) -> tuple[Moved, ...]:
    counted = (
        Moved(
            str(model._meta.verbose_name_plural),
            model._meta.label_lower,
            model._default_manager.filter(**{lookup: absorbed}).count(),
        )
        for mover in movers
        for model, lookup in mover.kinds.items()
    )
    return tuple(moved for moved in counted if moved.count)


def _close(merge: Merge) -> None:
    """Mark the absorbed company; what it absorbed earlier is part of the survivor too, so that one step finds it."""
    absorbed = merge.absorbed
    check_transition(COMPANY_TRANSITIONS, CompanyState(absorbed.state), CompanyState.MERGED)
    absorbed.state, absorbed.merged_into, absorbed.merged_at = CompanyState.MERGED, merge.survivor, merge.now
    absorbed.save(update_fields=["state", "merged_into", "merged_at"])
    absorbed.absorbed.update(merged_into=merge.survivor)
