"""What the mail service reports through its webhook, here in Postmark's words."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from apps.companies.models import Company
from apps.companies.rules import ContactState
from apps.companies.services import set_contact_state
from apps.tokens.models import AccessToken, ConnectionRequest, NonActivationCase, SoftwareKey
from apps.tokens.services import requests
from tests.factories import registry

pytestmark = pytest.mark.django_db
SECRET = "Basic " + base64.b64encode(b"hook:a fixed secret").decode()


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    return registry.make_software(now)


@pytest.fixture
def company(now: datetime) -> Company:
    return registry.make_company(now, office=registry.make_office(now), email="samen@example.be")


@pytest.fixture
def token(now: datetime, key: SoftwareKey, company: Company, run_reactions: Callable[[], int]) -> AccessToken:
    requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    run_reactions()
    return AccessToken.objects.get()


def report(token: AccessToken, record: str, kind: str, *, secret: str = SECRET) -> Any:
    body = {
        "RecordType": record, "Type": kind, "ID": 1, "MessageID": "m", "Email": token.sent_to,
        "BouncedAt": "2026-11-25T09:31:00Z", "Metadata": {"token": str(token.uuid)},
    }  # fmt: skip
    return Client(raise_request_exception=False).post(
        "/anymail/postmark/tracking/", body, content_type="application/json", headers={"Authorization": secret}
    )


@pytest.mark.parametrize(
    ("record", "kind", "state"),
    [
        ("Bounce", "HardBounce", ContactState.BOUNCED),
        ("Bounce", "BadEmailAddress", ContactState.BOUNCED),
        ("SpamComplaint", "SpamComplaint", ContactState.COMPLAINED),
    ],
)
def test_a_bounce_or_complaint_makes_the_request_wait_and_opens_one_case(
    token: AccessToken, record: str, kind: str, state: ContactState
) -> None:
    answers = [report(token, record, kind).status_code for _ in range(2)]

    request = ConnectionRequest.objects.get()
    token.refresh_from_db()
    assert answers == [200, 200]
    assert (request.state, request.refusal_code) == ("waiting", "email_undeliverable")
    assert (token.state, token.company.contact_email.state) == ("revoked", state)
    assert NonActivationCase.objects.get().key == "samen@example.be"


def test_a_bounced_address_is_one_case_for_all_its_companies_and_curing_it_frees_each(
    now: datetime, key: SoftwareKey, token: AccessToken, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    other = registry.make_company(now, office=registry.make_office(now), email="Samen@example.be")

    report(token, "Bounce", "HardBounce")
    run_reactions()
    requests.request_connection(software=key.software, vat=other.enterprise_number, actor="t", now=now)
    blocked = NonActivationCase.objects.get().requests.count()
    mailed_before = len(mailoutbox)
    for company in Company.objects.all():
        set_contact_state(company_uuid=company.uuid, state=ContactState.ON_FILE, actor="staff:1", now=now)
    run_reactions()

    assert blocked == 2
    assert len(mailoutbox) == mailed_before + 2
    assert NonActivationCase.objects.get().state == "resolved"


@pytest.mark.parametrize(("record", "kind"), [("Bounce", "Transient"), ("Delivery", ""), ("Open", "")])
def test_what_is_no_failure_changes_nothing(token: AccessToken, record: str, kind: str) -> None:
    assert report(token, record, kind).status_code == 200
    assert ConnectionRequest.objects.get().state == "token_sent"


def test_a_report_without_the_secret_is_refused(token: AccessToken) -> None:
    answer = report(token, "Bounce", "HardBounce", secret="Basic bm90OnRoaXM=")

    assert answer.status_code == 400
    assert ConnectionRequest.objects.get().state == "token_sent"
