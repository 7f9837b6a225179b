"""What a maker looks through: every connection and request of a software, page by page, by state and by number."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from apps.tokens.models import Connection, ConnectionRequest, Software
from apps.tokens.services import connections
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import signed_in

pytestmark = pytest.mark.django_db
# Numbers that nobody has, one for each request.
NUMBERS = [f"07{base:06d}{97 - int(f'07{base:06d}') % 97:02d}" for base in range(53)]


@pytest.fixture
def software(now: datetime) -> Software:
    return registry.make_software(now).software


@pytest.fixture
def maker(now: datetime, software: Software) -> Client:
    person = registry.make_user("dev@maker.example", language="en")
    registry.make_member(now, person, vendor=software.vendor)
    return signed_in(person)


def page_of(software: Software, name: str, query: str = "") -> str:
    return f"/vendors/{software.vendor.uuid}/software/{software.uuid}/{name}/{query}"


def read(maker: Client, path: str) -> str:
    answer = maker.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def numbers_of(page: str) -> list[str]:
    return re.findall(r"\d{4}\.\d{3}\.\d{3}", text_of(page.partition("<tbody")[2]))


def test_every_request_is_found_page_by_page_by_state_and_by_number(
    maker: Client, software: Software, now: datetime
) -> None:
    def ask(number: str, **state: Any) -> ConnectionRequest:
        dated = {"requested_at": now, "state_at": now, "expires_at": now}
        return ConnectionRequest(software=software, enterprise_number=number, **dated, **state)

    waiting, ended = {"state": "waiting", "refusal_code": "enterprise_unknown"}, {"state": "expired", "ended_at": now}
    rows = [ask(number, **(waiting if at % 10 == 0 else ended)) for at, number in enumerate(NUMBERS)]
    ConnectionRequest.objects.bulk_create(rows)
    other = registry.make_software(now, slug="octopus").software
    ConnectionRequest.objects.bulk_create(
        [
            ConnectionRequest(
                software=other, enterprise_number=NUMBERS[0], requested_at=now, state_at=now, expires_at=now, **waiting
            )
        ]
    )
    written = [f"{each[:4]}.{each[4:7]}.{each[7:]}" for each in reversed(NUMBERS)]

    first = read(maker, page_of(software, "requests"))
    after = re.search(r'href="(\?[^"]*after=[^"]*)"', first)
    assert after
    second = read(maker, page_of(software, "requests", after[1].replace("&amp;", "&")))

    assert numbers_of(first) + numbers_of(second) == written
    assert len(numbers_of(first)) == 50
    waits = read(maker, page_of(software, "requests", "?state=waiting"))
    assert numbers_of(waits) == written[2::10]
    assert "enterprise_unknown" in waits
    assert numbers_of(read(maker, page_of(software, "requests", f"?q=BE+{written[0]}"))) == written[:1]
    assert numbers_of(read(maker, page_of(software, "requests", "?q=Maes"))) == []
    assert maker.get(f"/vendors/{software.vendor.uuid}/software/{other.uuid}/requests/").status_code == 404


def test_who_ended_a_connection_is_listed_by_its_number_alone(maker: Client, software: Software, now: datetime) -> None:
    office = registry.make_office(now)
    key = software.keys.get()
    kept, ended = (
        registry.make_company(now, office=office, name=name) for name in ("Bakkerij Peeters", "Garage Claes")
    )
    for company in (kept, ended):
        registry.connect(now, company, key)
    connections.revoke_connection(connection_uuid=Connection.objects.get(company=ended).uuid, actor="t", now=now)

    page = text_of(read(maker, page_of(software, "connections")))
    file = maker.get(page_of(software, "connections", "?export=csv"))

    assert "Bakkerij Peeters" in page
    written = b"".join(file).decode()
    assert "Garage Claes" not in page + written
    assert ended.enterprise_number[-3:] in written
    found = read(maker, page_of(software, "connections", f"?state=revoked&q={ended.enterprise_number}"))
    assert len(numbers_of(found)) == 1
    assert numbers_of(read(maker, page_of(software, "connections", f"?state=active&q={ended.enterprise_number}"))) == []
