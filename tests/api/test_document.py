"""The published document: every route, every answer, real examples; and the committed copy is the served one."""

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import pytest
from django.test import Client

from apps.api.v2 import errors
from apps.api.v2.openapi import codes
from apps.api.v2.openapi.document import EXAMPLES, build_document, render_document
from apps.api.v2.openapi.routes import ROUTES
from apps.core.errors import DomainError
from apps.webhooks.rules import TEST, Topic
from tests.api.recorded import make_world, record, written
from tests.api.test_routes import routes
from tests.journeys.tour import MASKS, ROOT

TABLE = ROOT / "docs" / "guides" / "errors.md"
GUIDE = ROOT / "docs" / "webhooks.md"
BODIES = "## Every message\n\nEach as it was posted in a test.\n\n"
COPY = ROOT / "docs" / "openapi.json"
# `WRITE_EXAMPLES=1 make test ARGS="tests/api/test_document.py"` writes anew what is committed.
WRITES = os.environ.get("WRITE_EXAMPLES") == "1"
OTHERS = (
    (re.compile(r'"feed": \d+'), '"feed": NUMBER'),
    (re.compile(r"OF-[0-9a-f-]{27}"), "USER"),
    (re.compile(r"/(feed|redownload-feed)/\d+/"), r"/\1/NUMBER/"),
    (re.compile(r"[A-Za-z0-9_-]{40,}"), "CURSOR"),
)


def mask(text: str) -> str:
    for pattern, name in (*MASKS, *OTHERS):
        text = pattern.sub(name, text)
    return text


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in build_document()["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


@pytest.mark.django_db(transaction=True)
def test_the_examples_are_what_is_answered(now: datetime, run_reactions: Callable[[], int], settings: Any) -> None:
    settings.BASE_URL = "https://api.codabox.example"
    recorded = written(record(make_world(now, run_reactions)))

    if WRITES:
        EXAMPLES.write_text(recorded, encoding="utf-8")
        build_document.cache_clear()
        COPY.write_bytes(render_document())
    assert mask(EXAMPLES.read_text(encoding="utf-8")) == mask(recorded)


def test_the_committed_copy_is_what_is_served() -> None:
    served = Client().get("/v2/openapi.json")
    with_slash = Client().get("/v2/openapi.json/")

    assert (served.status_code, served.headers["Content-Type"]) == (200, "application/json")
    assert served.content == COPY.read_bytes()
    assert with_slash.content == served.content


def message_list() -> str:
    """Return every message of the webhooks as it was posted, for the guide."""
    told = json.loads(EXAMPLES.read_text(encoding="utf-8"))["webhooks"]
    lines = [json.dumps(body, separators=(",", ":"), ensure_ascii=False) for body in told]
    return "\n\n".join(["", *(f"```json\n{line}\n```" for line in lines), ""]).lstrip("\n")


def test_the_guide_of_webhooks_shows_every_message_as_it_was_posted() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    before, rest = text.split(BODIES)
    after = rest[rest.index("## ") :]
    whole = f"{before}{BODIES}{message_list()}{after}"

    if WRITES:
        GUIDE.write_text(whole, encoding="utf-8")
    assert GUIDE.read_text(encoding="utf-8") == whole
    assert {each["type"] for each in json.loads(EXAMPLES.read_text())["webhooks"]} == {*Topic, TEST}


def error_table() -> str:
    """Return the guides' table of errors, from the table that the API answers by."""
    lines = [
        "# Table of errors",
        "",
        "Every error is a JSON object with `detail`, a sentence for your user in the language of `Accept-Language`,",
        "and `code`, which never changes. New codes may be added: show `detail`, and go by the status.",
    ]
    for status, group in groupby(codes.list_error_codes(), key=lambda each: each.status):
        lines += ["", f"## {status}", "", "| code | why | what to do |", "| --- | --- | --- |"]
        lines += [f"| `{each.code}` | {each.cause} | {each.remedy} |" for each in group]
    return "\n".join(lines) + "\n"


def test_the_table_of_errors_is_the_one_that_is_answered_by() -> None:
    if WRITES:
        TABLE.write_text(error_table(), encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == error_table()


def test_every_route_is_told() -> None:
    told = {name.replace("/ ", " ").rstrip("/") for name, _operation in operations()}

    assert told == {re.sub(r"{\w+:", "{", f"{method} {path}") for method, path in routes()}
    assert set(ROUTES) == {operation["operationId"] for _name, operation in operations()}
    for name, operation in operations():
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["security"], name
        assert {"500"} < set(operation["responses"]), name
        assert all(parameter.get("description", "$ref" in parameter) for parameter in operation["parameters"]), name


def test_every_route_has_examples_of_success_and_failure() -> None:
    shown = {
        operation["operationId"]: {status for status, answer in operation["responses"].items() if _examples(answer)}
        for _name, operation in operations()
    }

    # A file and an answer without a body have no example, and an alias has those of the route that it stands for.
    without = {"download", "redownload", "end_connection", "upload_alias"}
    assert {name for name, statuses in shown.items() if not statuses & {"200", "201"}} == without
    assert len([name for name, statuses in shown.items() if any(status >= "4" for status in statuses)]) >= 8


def _examples(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer["content"].get("application/json", {}).get("examples", {})
    return found


def test_each_example_is_an_answer_that_the_document_names() -> None:
    for name, operation in operations():
        for status, answer in operation["responses"].items():
            for example in _examples(answer).values():
                if status >= "4":
                    assert f"`{example['value']['code']}`" in answer["description"], name
    recorded = json.loads(EXAMPLES.read_text())
    recorded.pop("webhooks")
    told = {each for examples in recorded.values() for each in map(_status_of, examples)}
    assert {200, 201, 400, 401, 403, 404, 409, 410, 415} <= told


def _status_of(example: dict[str, Any]) -> int:
    return int(example["status"])


def test_every_code_has_a_status_a_sentence_a_cause_and_a_remedy() -> None:
    told = {each.code: each for each in codes.list_error_codes()}

    assert set(errors.STATUSES) < set(told)
    assert all(each.detail and each.cause and each.remedy for each in told.values())
    assert all("%(" not in each.detail + each.cause + each.remedy for each in told.values())
    assert {code for code, each in told.items() if each.status == 409} >= {"invoice_locked", "office_not_client"}
    assert set(codes.CAUSES) <= set(told)


def test_every_code_of_the_table_is_told_of_a_route() -> None:
    told = {code for route in ROUTES.values() for code in route.codes}

    # These come from below the routes, and are told of once for all.
    assert set(errors.STATUSES) - told == set()
    assert issubclass(errors.MalformedRequest, DomainError)


def test_every_message_that_a_software_can_be_sent_is_told() -> None:
    told = build_document()["webhooks"]

    assert set(told) == {*Topic, TEST}
    shown = {topic for topic, item in told.items() if "examples" in _content(item["post"])}
    assert shown >= {"connection.activated", "invoice.payment_changed", "invoice.booked", "statement.available"}


def _content(operation: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = operation["requestBody"]["content"]["application/json"]
    return content


def test_references_lead_somewhere() -> None:
    text = COPY.read_text(encoding="utf-8")
    schemas = build_document()["components"]["schemas"]

    assert {name for name in re.findall(r"#/components/schemas/(\w+)", text) if name not in schemas} == set()
    assert "x-shape" not in text
