"""The contract of the wire API, frozen: each golden call is made over a real connection and compared to the byte."""

import re
from typing import Any

import pytest
from django.urls import Resolver404, resolve

from tests.api.test_routes import ROUTES, example
from tests.browser.people import build_beside
from tests.journeys import goldens
from tests.journeys.instances import Instance

GOLDENS = goldens.load()
NOBODY = "5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6a"


@pytest.fixture(scope="module")
def values(instance: Instance) -> dict[str, Any]:
    return build_beside(instance.environment, "tests.journeys.wire_world")


def test_each_answer_is_what_it_always_was(instance: Instance, values: dict[str, str]) -> None:
    named, changed = values | {"base": instance.base}, []

    # One after the other, by name: some tell what an earlier one has left.
    for golden in GOLDENS:
        answer = goldens.call(instance.port, goldens.fill(golden.request, named))
        if different := goldens.differences(golden.response, answer, named):
            changed.append(f"{golden.name}: another {' and '.join(different)}\n{answer.decode('latin-1')}")

    assert GOLDENS
    assert not changed, "\n\n".join(changed)


def test_every_route_has_a_golden_call() -> None:
    called = {(golden.method.lower(), _route(_example(golden.path))) for golden in GOLDENS}

    missing = [(method, path) for method, path in ROUTES if (method, _route(f"/v2{example(path)}")) not in called]

    assert not missing


def _example(path: str) -> str:
    """Put something of the right form where a golden call names a value."""
    return re.sub(r"{{(\w+)}}", lambda name: "1" if name[1].endswith("feed") else NOBODY, path)


def _route(path: str) -> str:
    try:
        return str(resolve(path.rstrip("/")).route)
    except Resolver404:
        return "none"
