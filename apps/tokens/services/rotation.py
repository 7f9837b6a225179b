"""Renewing the credentials of a connection by a mailed code, with an overlap, or at once when they were stolen."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.companies.models import Company
from apps.core.errors import NotFound
from apps.events import services as events
from apps.tokens.models import Connection, Credential
from apps.tokens.rules import ConnectionState, RequestPurpose, stronger_purpose
from apps.tokens.selectors import ConnectionRevoked
from apps.tokens.services.checking import RequestOutcome, check_mail_limits, check_request
from apps.tokens.services.opening import lock_company, open_request


@transaction.atomic
def rotate_credentials(*, connection_uuid: UUID, is_stolen: bool, actor: str, now: datetime) -> RequestOutcome:
    """Mail a code that gives a connection new credentials; those in use go on beside them for some hours.

    When they are reported as stolen, they stop working here and now, whether or not a code can be mailed; the software
    is locked out until the code is pasted. The code takes the place of one that was mailed for the same software.

    :raises NotFound: when there is no such connection.
    :raises ConnectionRevoked: when it was ended.
    :raises Throttled: when its company or address was mailed too often; a report of theft is never throttled.
    """
    found = Connection.objects.select_related("software", "company").filter(uuid=connection_uuid).first()
    if found is None:
        raise NotFound
    company = lock_company(found.company.enterprise_number) or found.company
    if not is_stolen:
        check_mail_limits(company, found.software, now)
    request = open_request(company.enterprise_number, found.software, company, actor=actor, now=now)
    connection = Connection.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
    if connection.state == ConnectionState.REVOKED:
        raise ConnectionRevoked
    if is_stolen:
        _void_pairs(connection, company, actor=actor, now=now)
    wanted = RequestPurpose.REPLACE_STOLEN if is_stolen else RequestPurpose.ROTATE
    request.purpose = stronger_purpose(RequestPurpose(request.purpose), wanted)
    request.save(update_fields=["purpose"])
    return check_request(request, company, actor=actor, now=now)


def _void_pairs(connection: Connection, company: Company, *, actor: str, now: datetime) -> None:
    Credential.objects.filter(connection=connection, voided_at=None).update(voided_at=now)
    events.record(
        "credentials.reported_stolen",
        subject_uuid=connection.uuid,
        company_uuid=company.uuid,
        actor=actor,
        now=now,
    )
