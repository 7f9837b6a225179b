"""Legal holds: staff keep everything of a company beyond its time, as for a dispute or an inquiry."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.companies.locks import lock_company
from apps.companies.models import LegalHold
from apps.core.errors import DomainError
from apps.events import services as events


class HoldReasonMissing(DomainError):
    """A hold without a reason cannot be judged later."""

    code = "hold_reason_missing"
    sentence = _("Give the reason of the legal hold.")


class NoLegalHold(DomainError):
    """There is no hold to lift."""

    code = "no_legal_hold"
    sentence = _("This company is under no legal hold.")


@transaction.atomic
def place_hold(*, company_uuid: UUID, reason: str, actor: str, now: datetime) -> LegalHold:
    """Hold a company's papers; one that is held already gets no second hold, and keeps its reason.

    :raises HoldReasonMissing: without a reason.
    :raises CompanyMerged: when it is part of another company.
    """
    company = lock_company(company_uuid=company_uuid)
    if not (reason := reason.strip()[:300]):
        raise HoldReasonMissing
    standing = LegalHold.objects.filter(company=company, lifted_at=None).first()
    if standing:
        return standing
    hold = LegalHold.objects.create(company=company, reason=reason, placed_at=now, placed_by=actor)
    events.record("company.hold_placed", subject_uuid=company.uuid, company_uuid=company.uuid, actor=actor, now=now)
    return hold


@transaction.atomic
def lift_hold(*, company_uuid: UUID, actor: str, now: datetime) -> LegalHold:
    """End the hold of a company.

    :raises NoLegalHold: when there is none.
    :raises CompanyMerged: when it is part of another company.
    """
    company = lock_company(company_uuid=company_uuid)
    hold = LegalHold.objects.filter(company=company, lifted_at=None).first()
    if hold is None:
        raise NoLegalHold
    hold.lifted_at = now
    hold.save(update_fields=["lifted_at"])
    events.record("company.hold_lifted", subject_uuid=company.uuid, company_uuid=company.uuid, actor=actor, now=now)
    return hold
