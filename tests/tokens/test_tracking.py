"""What the mail service reports through its webhook, here in Postmark's words."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from apps.companies.models import Company, ContactEmail
from apps.companies.rules import ContactState
from apps.companies.services import set_contact_state
from apps.events.models import Event
from apps.tokens.models import AccessToken, ConnectionRequest, NonActivationCase, SoftwareKey
from apps.tokens.services import requests
from apps.users.rules import LinkPurpose
from apps.users.services import make_link
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


def report(
    token: AccessToken,
    record: str,
    kind: str,
    *,
    secret: str = SECRET,
    at: str = "2026-11-25T09:31:00Z",
    metadata: dict[str, str] | None = None,
) -> Any:
    body = {
        "RecordType": record, "Type": kind, "ID": 1, "MessageID": "m", "Email": token.sent_to,
        "Recipient": token.sent_to,
        "BouncedAt": at, "DeliveredAt": at, "Metadata": metadata or {"token": str(token.uuid)},
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


def test_an_arrival_is_noted_once_and_changes_nothing_else(token: AccessToken) -> None:
    answers = [report(token, "Delivery", "", at=f"2026-11-25T09:3{minute}:00Z").status_code for minute in (1, 2)]

    token.refresh_from_db()
    assert answers == [200, 200]
    assert token.delivered_at == datetime(2026, 11, 25, 9, 31, tzinfo=UTC)
    assert (token.state, ConnectionRequest.objects.get().state) == ("issued", "token_sent")
    assert Event.objects.filter(name="token.delivered").count() == 1


@pytest.mark.parametrize(
    ("record", "kind", "cured"), [("Bounce", "HardBounce", True), ("SpamComplaint", "SpamComplaint", False)]
)
def test_a_later_arrival_cures_a_bounce_of_the_address_but_not_a_complaint(
    token: AccessToken, record: str, kind: str, cured: bool, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    report(token, record, kind)
    ContactEmail.objects.update(undeliverable_at=datetime(2026, 11, 25, 9, 31, tzinfo=UTC))

    report(token, "Delivery", "", at="2026-11-25T09:45:00Z")
    run_reactions()

    assert ContactEmail.objects.get().state == ("on_file" if cured else "complained")
    assert ConnectionRequest.objects.get().state == ("token_sent" if cured else "waiting")
    assert len(mailoutbox) == (2 if cured else 1)
    assert NonActivationCase.objects.get().state == ("resolved" if cured else "open")


def test_an_arrival_from_before_the_bounce_cures_nothing(token: AccessToken) -> None:
    report(token, "Bounce", "HardBounce")
    ContactEmail.objects.update(undeliverable_at=datetime(2026, 11, 25, 9, 31, tzinfo=UTC))

    report(token, "Delivery", "", at="2026-11-25T09:30:00Z")

    assert ContactEmail.objects.get().state == "bounced"


def test_a_bounced_mail_with_a_link_marks_its_address_for_every_company_that_has_it(
    token: AccessToken, company: Company, now: datetime
) -> None:
    link = make_link(
        purpose=LinkPurpose.COMPANY_FIRST_MEMBER, subject_uuid=company.uuid, address="SAMEN@example.be",
        language="nl", role="owner", life=timedelta(days=7), actor="t", now=now,
    )  # fmt: skip

    report(token, "Bounce", "HardBounce", metadata={"link": str(link.uuid)})

    assert ContactEmail.objects.get().state == "bounced"


@pytest.mark.parametrize(
    "metadata", [{"token": str(UUID(int=1))}, {"link": str(UUID(int=1))}, {"token": "x"}, {"a": "b"}]
)
def test_a_report_of_somebody_elses_mail_changes_nothing(token: AccessToken, metadata: dict[str, str]) -> None:
    assert report(token, "Bounce", "HardBounce", metadata=metadata).status_code == 200
    assert ContactEmail.objects.get().state == "on_file"


@pytest.mark.parametrize(("record", "kind"), [("Bounce", "Transient"), ("Open", "")])
def test_what_is_no_failure_changes_nothing(token: AccessToken, record: str, kind: str) -> None:
    assert report(token, record, kind).status_code == 200
    assert ConnectionRequest.objects.get().state == "token_sent"


def test_a_report_without_the_secret_is_refused(token: AccessToken) -> None:
    answer = report(token, "Bounce", "HardBounce", secret="Basic bm90OnRoaXM=")

    assert answer.status_code == 400
    assert ConnectionRequest.objects.get().state == "token_sent"
