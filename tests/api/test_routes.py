"""Every route of the wire API without a login: 401, or 403 where only a software key is asked (listed by name)."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from apps.api.v2.urls import wire

NO_LOGIN = {
    "/request-access-token/invoicing-software",
    "/get-credentials/{token}",
    "/connection-requests/{request_id}",
}
EXAMPLES = {"int:feed_id": "1", "token": "cbt-1", "file_format": "cod"}


def routes() -> Iterator[tuple[str, str]]:
    for prefix, router in wire._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method.lower(), prefix + path


def example(path: str) -> str:
    return re.sub(r"{([^}]+)}", lambda found: EXAMPLES.get(found[1], "5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6a"), path)


ROUTES = sorted(routes())


def test_there_are_routes_to_walk() -> None:
    assert len(ROUTES) >= 13


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_gets_in_without_saying_who_they_are(method: str, path: str) -> None:
    answer = getattr(Client(), method)(f"/v2{example(path)}/")

    expected = (403, "software_key_missing") if path in NO_LOGIN else (401, "credentials_missing")
    assert (answer.status_code, answer.json()["code"]) == expected
