"""Taking the lock of a company, which every writer of its rows takes first."""

from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.companies.models import Company
from apps.core.errors import DomainError, NotFound

# The key of the advisory lock that lets one merge happen at a time.
MERGE_LOCK: Final = 7403


class CompanyMerged(DomainError):
    """The company is part of another by now."""

    code = "company_merged"
    sentence = _("This company was merged into the one with the number %(number)s. Make the change there.")


class _Moved(Exception):
    """The company was merged while its lock was waited for."""

    def __init__(self, into: int) -> None:
        super().__init__(into)
        self.into = into


def lock_company(*, company_uuid: UUID, for_key: bool = False) -> Company:
    """Lock a company that somebody chose; `for_key` when its number changes, which rows that point to it wait for.

    :raises NotFound: when there is none.
    :raises CompanyMerged: when it is part of another: whoever chose it should look again.
    """
    locked = Company.objects.select_for_update(of=("self",), no_key=not for_key).select_related("merged_into")
    company = locked.filter(uuid=company_uuid).first()
    if company is None:
        raise NotFound
    if company.merged_into is not None:
        raise CompanyMerged(number=company.merged_into.enterprise_number)
    return company


def lock_live_company(*, company_id: int) -> Company:
    """Lock a company, or the one it was merged into: what a machine began before a merge goes on after it.

    Use the returned company, not the one that was read before. The lock of a merged one is given back at once: two
    are held in the order of their ids only.
    """
    while True:
        try:
            with transaction.atomic():
                company = Company.objects.select_for_update(of=("self",), no_key=True).get(pk=company_id)
                if company.merged_into_id is not None:
                    raise _Moved(company.merged_into_id)
        except _Moved as moved:
            company_id = moved.into
        else:
            return company


def lock_for_merge(*, company_uuids: tuple[UUID, UUID]) -> dict[UUID, Company]:
    """Lock two companies in the order of their ids, against everything that points to them; absent ones are left out.

    Waits for any other merge first. What either absorbed earlier is locked with it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MERGE_LOCK])
    chosen = Company.objects.filter(uuid__in=company_uuids)
    absorbed_earlier = Company.objects.filter(merged_into__in=chosen)
    ids = [*chosen.values_list("pk", flat=True), *absorbed_earlier.values_list("pk", flat=True)]
    rows = Company.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {row.uuid: row for row in rows if row.uuid in company_uuids}
