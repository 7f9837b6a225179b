"""The checks as a list with the failing one explained."""

from datetime import datetime

import pytest
from django.utils import translation

from apps.tokens.checklist import checks_of_request, list_checks
from apps.tokens.models import ConnectionRequest
from apps.tokens.rules import Check, CheckStanding, Facts, run_checks
from apps.tokens.services import requests
from tests.factories import registry
from tests.portal.world import LANGUAGES

NAMES = tuple(Facts.__dataclass_fields__)


def facts(*, failing: int | None) -> Facts:
    return Facts(**{name: position != failing for position, name in enumerate(NAMES)})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("failing", [*range(len(Check)), None])
def test_seven_checks_in_order_and_only_the_failing_one_is_explained(failing: int | None, language: str) -> None:
    with translation.override(language):
        lines = list_checks(run_checks(facts(failing=failing)), number="0123456749")

    passed = len(Check) if failing is None else failing
    expected = [CheckStanding.PASSED] * passed
    if failing is not None:
        expected += [CheckStanding.FAILED] + [CheckStanding.NOT_REACHED] * (len(Check) - failing - 1)
    assert [line.standing for line in lines] == expected
    assert [line.position for line in lines] == list(range(5, 12))
    assert [line.code for line in lines] == list(Check)
    explained = [line for line in lines if line.refusal]
    assert [line.is_failed for line in explained] == [True] * len(explained) == [True] * (failing is not None)
    for line in explained:
        assert line.refusal
        assert line.refusal["code"] == line.code
        assert line.found == line.refusal["cause"]
        assert all(line.refusal[key] for key in ("title", "remedy", "actor", "contact", "message"))


def test_each_language_has_texts_of_its_own() -> None:
    shown = set()
    for language in LANGUAGES:
        with translation.override(language):
            for failing in range(len(Check)):
                shown |= {
                    (line.title, line.found)
                    for line in list_checks(run_checks(facts(failing=failing)), number="0123456749")
                }

    titles = {title for title, _found in shown}
    assert len(titles) == len(Check) * len(LANGUAGES)


@pytest.mark.django_db
def test_a_request_shows_the_checks_that_were_made(now: datetime) -> None:
    company = registry.make_company(now, office=registry.make_office(now), email=None)
    requests.request_connection(
        software=registry.make_software(now).software, vat=company.enterprise_number, actor="t", now=now
    )

    lines = checks_of_request(ConnectionRequest.objects.get())

    assert [line.code for line in lines if line.is_failed] == ["email_unknown"]
    assert sum(line.is_passed for line in lines) == 4
