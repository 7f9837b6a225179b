"""The shapes of an office's clients on the wire; instants here are UTC without a zone, as they were recorded."""

from datetime import date

from ninja import Schema

from apps.api.v2.values import EnterpriseNumber, Identifier


class LegalEntityOut(Schema):
    """A company or an office by its number; what is not known here is null."""

    name: str
    enterprise_num: EnterpriseNumber
    is_enterprise_num_validated: bool
    representative_name: str | None
    representative_function: str | None
    address: str | None
    address2: str | None
    zip: str | None
    city: str | None


class ServiceOut(Schema):
    """What is delivered: `coda-delivery` while a mandate is in force, `sales-invoice-delivery` always."""

    id: Identifier
    type: str
    state: str


class FiduciaryOut(Schema):
    """An accounting office."""

    id: Identifier
    name: str
    legal_entity: LegalEntityOut
    contact_name: str | None
    contact_email: str
    language: str
    services: list[ServiceOut]


class CodaMandateOut(Schema):
    """A company's authorisation for one account; `validity_start` is null until its bank begins."""

    id: Identifier
    client_id: Identifier
    fiduciary_id: Identifier
    bank_id: str
    ibans: list[str]
    validity_start: date | None
    state: str
    reason: str | None
    reason_code: str | None
    state_modified_at: str


class SubaccountOut(Schema):
    """A currency of an account."""

    currency: str
    extension: str | None


class ClientAccountOut(Schema):
    """A bank account of a client; active while its bank delivers."""

    iban: str
    subaccounts: list[SubaccountOut]
    type: str
    coda_mandate_ids: list[Identifier]
    bank_id: str
    client_id: Identifier
    state: str


class ClientOut(Schema):
    """A client of an office; `client_code` is a UUID as in `pod-client/`, `office_code` is the office's own code."""

    id: Identifier
    fiduciary_id: Identifier
    legal_entity: LegalEntityOut
    client_code: Identifier
    office_code: str
    contact_name: str | None
    contact_email: str | None
    language: str
    coda_mandates: list[CodaMandateOut]
    bank_accounts: list[ClientAccountOut]
    services: list[ServiceOut]
    state: str
    state_modified_at: str
