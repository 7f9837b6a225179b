"""The digest for an address that got codes by the hundred."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.tokens.limits import Throttled
from apps.tokens.models import AddressWarning
from apps.tokens.services.requests import request_connection
from tests.factories import registry

pytestmark = pytest.mark.django_db
ADDRESS = "klanten@example.be"


def ask(now: datetime, count: int, *, language: str = "fr") -> None:
    office, key = registry.make_office(now), registry.make_software(now)
    for place in range(count):
        company = registry.make_company(
            now,
            office=office,
            email=ADDRESS if place % 2 else ADDRESS.upper(),
            language=language,
            name=f"Zaak <{place}>",
        )
        request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)


def warnings(mailoutbox: list[Any]) -> list[Any]:
    return [message for message in mailoutbox if "cbt-" not in message.body]


def test_the_mail_that_reaches_the_limit_brings_one_digest(
    now: datetime, settings: Any, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY = 4

    ask(now, 4)
    run_reactions()

    digest = warnings(mailoutbox)[0]
    assert len(mailoutbox) == 5
    assert [to.lower() for to in digest.to] == [ADDRESS]
    assert digest.subject == "4 codes ont été envoyés à cette adresse en un jour"
    assert all(f"Zaak <{place}>, 1 code" in digest.body for place in range(4))
    assert "Zaak &lt;3&gt;, 1 code" in digest.alternatives[0][0]


def test_below_the_limit_nobody_is_warned(
    now: datetime, settings: Any, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY = 4

    ask(now, 3)
    run_reactions()

    assert len(mailoutbox) == 3
    assert not AddressWarning.objects.exists()


def test_an_address_is_warned_once_a_day(
    now: datetime, settings: Any, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY = 2
    ask(now, 2)
    run_reactions()
    with pytest.raises(Throttled):
        ask(now + timedelta(hours=1), 1)

    settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY = 3
    ask(now + timedelta(hours=2), 1)
    run_reactions()

    assert len(warnings(mailoutbox)) == 1


def test_a_long_list_of_companies_is_cut_and_counted(
    now: datetime, settings: Any, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY = 22

    ask(now, 22, language="en")
    run_reactions()

    assert "and 2 more companies" in warnings(mailoutbox)[0].body
