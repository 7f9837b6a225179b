from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import override_settings

from apps.tokens import usage
from apps.tokens.models import Credential, SoftwareUsage
from apps.tokens.tasks import flush_usage
from tests.factories import registry
from tests.factories.wire import Software

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_gathered() -> Iterator[None]:
    usage.take()
    yield
    usage.take()


def test_calls_are_counted_per_software_day_and_kind_and_written_in_bulk(now: datetime) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    connected = registry.connect(now, company, registry.make_software(now))
    software = Software.of(connected)

    for _ in range(3):
        software.get(f"delivery/feed/{software.feed_id()}/")
    software.get("sales-invoices/5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6a/")
    written_before = SoftwareUsage.objects.count()
    flush_usage()
    software.get("delivery/pod-client/")
    flush_usage()

    counts = dict(SoftwareUsage.objects.filter(software=connected.software).values_list("kind", "count"))
    assert written_before == 0
    assert counts == {"poll": 7, "read_refused": 1}
    assert Credential.objects.get().last_used_at is not None


def test_a_redis_that_does_not_answer_costs_the_count_and_not_the_call(now: datetime) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    software = Software.of(registry.connect(now, company, registry.make_software(now)))

    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        answer = software.get("delivery/pod-client/")

    assert answer.status_code == 200
