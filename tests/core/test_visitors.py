from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import override_settings

from apps.core.visitors import TooManyFromHere, count_visit
from apps.tokens.usage import redis_client


def visit(address: str, form: str, now: datetime, *, limit: int = 2) -> None:
    count_visit(form=form, address=address, limit=limit, now=now)


@pytest.fixture
def form() -> str:
    # The counters outlive a test.
    return str(uuid4())


def test_a_network_that_sends_a_form_too_often_waits_for_the_next_hour(now: datetime, form: str) -> None:
    for _ in range(2):
        visit("192.0.2.7", form, now)

    with pytest.raises(TooManyFromHere) as refused:
        visit("192.0.2.7", form, now)

    assert refused.value.params["retry_after"] == 1800
    visit("192.0.2.7", form, now + timedelta(minutes=30))


def test_other_networks_and_other_forms_are_counted_apart(now: datetime, form: str) -> None:
    for _ in range(2):
        visit("192.0.2.7", form, now)

    visit("192.0.2.8", form, now)
    visit("192.0.2.7", form + "x", now)


def test_one_ipv6_network_counts_as_one(now: datetime, form: str) -> None:
    for host in ("1", "2"):
        visit(f"2001:db8::{host}", form, now)

    with pytest.raises(TooManyFromHere):
        visit("2001:db8::ffff", form, now)
    visit("2001:db8:0:1::1", form, now)


def test_no_address_is_kept(now: datetime, form: str) -> None:
    visit("192.0.2.7", form, now)

    keys = [str(key) for key in redis_client().scan_iter(match=f"*{form}*", count=1000)]

    assert len(keys) == 1
    assert "192.0.2.7" not in keys[0]


def test_a_redis_that_does_not_answer_limits_nobody(now: datetime, form: str) -> None:
    dead = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    with override_settings(CACHES=dead):
        for _ in range(3):
            visit("192.0.2.7", form, now)
