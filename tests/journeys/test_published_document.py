"""The running service answers what its published document says, whatever it is sent, signed in and not."""

import base64
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import Session
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories.wire import Supplier, make_document
from tests.journeys.callers import Wire, software
from tests.journeys.instances import Instance, eventually
from tests.journeys.mail import tokens_for

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Each route, by each kind of caller: some calls in each run of the tests, ten thousand and more in a long one.
IS_LONG = os.environ.get("STRESS") == "1"
CALLS = 105 if IS_LONG else 2
# What frames a request is the web server's: a length that is no number never gets to the application.
FRAMING = {"connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"}
# Their token was used, and their invoice booked, before they are called.
TOO_LATE = {
    "GET /get-credentials/{token}/",
    "POST /office/sales-invoices/{invoice_id}/question/",
    "POST /office/sales-invoices/{invoice_id}/refusal/",
}
CALLERS = ("nobody", "software", "connected", "office")


@dataclass
class Stage:
    """A company that is connected: who calls, and what exists to be named in an address."""

    instance: Instance
    headers: dict[str, dict[str, str]]
    names: dict[str, list[Any]]
    documents: list[bytes]
    session: Session = field(default_factory=Session)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)


@pytest.fixture
def stage(instance: Instance, world: dict[str, Any]) -> Stage:
    company = next(each for each in world["companies"] if each["scenario"] == "ready")
    wire = software(instance, world, "bouwsoft")
    _status, asked = wire.request_token(company["enterprise_number"])
    token = eventually(lambda: tokens_for(instance, company["email"]))[-1]
    wire.sign_in(wire.call("GET", f"get-credentials/{token}/")[1])
    supplier = Supplier(company["enterprise_number"], company["name"])
    documents = [make_document(supplier, number=number) for number in ("1", "2")]
    invoice = wire.upload(documents[0])[1]
    feed = wire.call("GET", "delivery/pod-client/")[1]["feed_clients"][0]["id"]
    entries = wire.call("GET", f"delivery/feed/{feed}/")[1]["feed_entries"]
    headers = _headers(wire, world)
    office = Wire(instance.base, "")
    office.headers = headers["office"]
    names = {
        "fiduciary_id": [row["id"] for row in office.call("GET", "fiduciaries/")[1]],
        "client_id": [row["id"] for row in office.call("GET", "clients/")[1]],
        "request_id": [asked["request"]["id"]],
        "token": [token],
        "feed_id": [feed],
        "feed_index": [entry["feed_index"] for entry in entries],
        "file_format": ["cod", "xml", "pdf"],
        "invoice_id": [invoice["id"]],
    }
    return Stage(instance, headers, names, documents)


def _headers(wire: Wire, world: dict[str, Any]) -> dict[str, dict[str, str]]:
    office = next(each for each in world["offices"] if each["username"])
    pair = base64.b64encode(f"{office['username']}:{office['password']}".encode()).decode()
    return {
        "nobody": {},
        "software": {"X-Software-Company": wire.headers["X-Software-Company"]},
        "connected": wire.headers,
        "office": {"Authorization": f"Basic {pair}"},
    }


def operations(instance: Instance) -> Iterator[Any]:
    document = schemathesis.openapi.from_url(f"{instance.base}/v2/openapi.json")
    for found in document.get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def _ends_something(operation: Any) -> bool:
    """Tell what comes last: after it the caller's login works for nothing else."""
    return bool(operation.method.upper() == "DELETE")


def test_whatever_is_sent_is_answered_as_the_document_says(stage: Stage) -> None:
    for operation in sorted(operations(stage.instance), key=_ends_something):
        for caller in CALLERS:
            _call(stage, operation, caller)

    assert stage.faults == {}, "\n\n".join(stage.faults.values())
    routes = {route for route, _status in stage.answered}
    successes = {route for route, status in stage.answered if status < 300}
    assert stage.answered.total() >= (10_000 if IS_LONG else 200)
    assert not IS_LONG or routes - successes <= TOO_LATE


def _call(stage: Stage, operation: Any, caller: str) -> None:
    modes = cycle(schemathesis.GenerationMode)
    strategies = [operation.as_strategy(generation_mode=mode) for mode, _n in zip(modes, range(2), strict=False)]

    @settings(max_examples=CALLS, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
    @given(case=st.one_of(strategies), draw=st.data())
    def call(case: Any, draw: st.DataObject) -> None:
        for name in list(case.path_parameters or {}):
            if draw.draw(st.booleans()):
                case.path_parameters[name] = draw.draw(st.sampled_from(stage.names[name]))
        if case.media_type == "multipart/form-data" and draw.draw(st.booleans()):
            case.body = {"file": draw.draw(st.sampled_from(stage.documents))}
        if isinstance(case.body, dict) and "feed_offset" in case.body and draw.draw(st.booleans()):
            case.body["feed_offset"] = draw.draw(st.sampled_from(stage.names["feed_index"]))
        for name in [each for each in case.headers or {} if each.lower() in FRAMING]:
            del case.headers[name]
        answer = case.call(base_url=f"{stage.instance.base}/v2", session=stage.session, headers=stage.headers[caller])
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as found:
            # The run goes on, to find whatever else there is.
            kinds = ", ".join(sorted(type(each).__name__ for each in found.exceptions))
            stage.faults.setdefault((operation.label, f"{kinds} {answer.status_code}"), f"{operation.label}: {found}")
        stage.answered[operation.label, answer.status_code] += 1

    call()
