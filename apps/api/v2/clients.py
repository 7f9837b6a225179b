"""Row 10 of the protocol: what an accounting office's own software may know of the office and of its clients."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from ninja import Router
from ninja.decorators import decorate_view

from apps.accounting_offices.records import get_client_record, list_client_records
from apps.accounting_offices.rules import MandateState, is_in_force
from apps.api.v2.auth import LoginRequest, counted, login
from apps.api.v2.client_shapes import ClientOut, FiduciaryOut
from apps.companies.rules import CompanyState
from apps.core import clock
from apps.core.errors import NotFound
from apps.core.identifiers import InvalidEnterpriseNumber
from apps.tokens.services.requests import VatInvalid

router = Router(auth=login)
_CODA, _INVOICES = "coda-delivery", "sales-invoice-delivery"


@router.get("/fiduciaries", response=list[FiduciaryOut])
@decorate_view(counted("read"))
def list_fiduciaries(request: LoginRequest) -> Any:
    """List the accounting offices of the login: itself."""
    return [_fiduciary_out(_office(request))]


@router.get("/fiduciaries/{fiduciary_id}", response=FiduciaryOut)
@decorate_view(counted("read"))
def read_fiduciary(request: LoginRequest, fiduciary_id: UUID) -> Any:
    """Read the accounting office of the login."""
    office = _office(request)
    if office.uuid != fiduciary_id:
        raise NotFound
    return _fiduciary_out(office)


@router.get("/clients", response=list[ClientOut])
@decorate_view(counted("read"))
def list_clients(request: LoginRequest) -> Any:
    """List the office's clients of today; with `vat` the one that has this enterprise number, or none."""
    office, today = _office(request), clock.today()
    try:
        links = list_client_records(office=office, on=today, number=request.GET.get("vat", ""))
    except InvalidEnterpriseNumber as error:
        raise VatInvalid from error
    return [_client_out(link, today) for link in links]


@router.get("/clients/{client_id}", response=ClientOut)
@decorate_view(counted("read"))
def read_client(request: LoginRequest, client_id: UUID) -> Any:
    """Read one client of the office."""
    today = clock.today()
    return _client_out(get_client_record(office=_office(request), on=today, company_uuid=client_id), today)


def _office(request: LoginRequest) -> Any:
    if request.auth.office is None:
        raise NotFound
    return request.auth.office


def _fiduciary_out(office: Any) -> dict[str, Any]:
    return {
        "id": str(office.uuid),
        "name": office.name,
        "legal_entity": _legal_entity_out(office),
        "contact_name": None,
        "contact_email": office.email,
        "language": office.language,
        "services": [_service_out(office.uuid, kind, is_subscribed=True) for kind in (_CODA, _INVOICES)],
    }


def _client_out(link: Any, today: date) -> dict[str, Any]:
    company, accounts = link.company, list(link.company.bank_accounts.all())
    contact = getattr(company, "contact_email", None)
    mandates = [(account, mandate) for account in accounts for mandate in account.mandates.all()]
    has_mandate = any(is_in_force(mandate.starts_on, mandate.ends_on, on=today) for _account, mandate in mandates)
    return {
        "id": str(company.uuid),
        "fiduciary_id": str(link.office.uuid),
        "legal_entity": _legal_entity_out(company),
        "client_code": str(link.uuid),
        "office_code": link.client_code,
        "contact_name": None,
        "contact_email": contact.address if contact else None,
        "language": company.language,
        "coda_mandates": [_mandate_out(mandate, account, link) for account, mandate in mandates],
        "bank_accounts": [_account_out(account, link) for account in accounts],
        "services": [
            _service_out(link.uuid, _CODA, is_subscribed=has_mandate),
            _service_out(link.uuid, _INVOICES, is_subscribed=True),
        ],
        "state": "active" if company.state == CompanyState.ACTIVE else "inactive",
        "state_modified_at": _without_zone(company.created_at),
    }


def _legal_entity_out(row: Any) -> dict[str, Any]:
    """Write a company or an office; who represents it and where it sits is not known here."""
    return {
        "name": row.name,
        "enterprise_num": f"BE{row.enterprise_number}",
        "is_enterprise_num_validated": True,
        "representative_name": None,
        "representative_function": None,
        "address": None,
        "address2": None,
        "zip": None,
        "city": None,
    }


def _mandate_out(mandate: Any, account: Any, link: Any) -> dict[str, Any]:
    return {
        "id": str(mandate.uuid),
        "client_id": str(link.company.uuid),
        "fiduciary_id": str(link.office.uuid),
        "bank_id": account.bic,
        "ibans": [account.iban],
        "validity_start": mandate.starts_on,
        "state": mandate.state,
        "reason": mandate.reason or None,
        "reason_code": None,
        "state_modified_at": _without_zone(mandate.signed_at or mandate.requested_at),
    }


def _account_out(account: Any, link: Any) -> dict[str, Any]:
    mandates = list(account.mandates.all())
    is_active = any(mandate.state == MandateState.ACTIVE for mandate in mandates)
    return {
        "iban": account.iban,
        "subaccounts": [{"currency": account.currency, "extension": None}],
        "type": "current",
        "coda_mandate_ids": [str(mandate.uuid) for mandate in mandates],
        "bank_id": account.bic,
        "client_id": str(link.company.uuid),
        "state": "active" if is_active else "inactive",
    }


def _service_out(of: UUID, kind: str, *, is_subscribed: bool) -> dict[str, str]:
    # The protocol gives each service an id; nothing here has one, so it is made of what it belongs to.
    return {"id": str(uuid5(of, kind)), "type": kind, "state": "subscribed" if is_subscribed else "unsubscribed"}


def _without_zone(instant: datetime) -> str:
    """Write an instant as the recorded answers of this part have it: UTC, without saying so."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat()
