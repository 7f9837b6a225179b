"""The OpenAPI 3.1 document: what ninja knows of routes and schemas, joined with what is told and with real examples."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from ninja import Schema
from ninja.openapi.schema import REF_TEMPLATE
from pydantic.json_schema import models_json_schema

from apps.api.v2.openapi import codes
from apps.api.v2.openapi.info import INFO, PARAMETERS, SECURITY_SCHEMES
from apps.api.v2.openapi.operations import OFFICES, REPEATABLE, TAGS, Query, Told
from apps.api.v2.openapi.routes import ROUTES
from apps.api.v2.openapi.shapes import SHAPES
from apps.api.v2.openapi.told import TOLD, build_webhooks
from apps.api.v2.urls import wire

EXAMPLES: Final = Path(__file__).with_name("examples.json")
JSON: Final = "application/json"
# Which logins a route takes: a software's always comes with its key, an office's may come alone.
_KEY_ONLY: Final[list[dict[str, list[str]]]] = [{"software_key": []}]
_COMPANY: Final[list[dict[str, list[str]]]] = [{"software_key": [], "login": []}]
_COMPANY_OR_OFFICE: Final[list[dict[str, list[str]]]] = [*_COMPANY, {"login": []}]
_FOR_OFFICES_TOO: Final = ("list_feeds", "read_feed", "mark_feed", "read_redeliveries", "mark_redeliveries", "download",
                           "redownload", "validate")  # fmt: skip
# What any call can be answered, by what stands before the routes.
_ANYWHERE: Final = ("bad_request", "internal_error")
_RETRY_AFTER: Final = ("throttled", "validation_busy")


@cache
def build_document() -> dict[str, Any]:
    """Return the document; its texts are in English."""
    made = wire.get_openapi_schema(path_prefix="")
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    paths = {f"{path}/": _path(item, examples) for path, item in made["paths"].items()}
    document = {
        "openapi": made["openapi"],
        "info": INFO | {"title": f"{settings.SITE_NAME}: wire API", "version": made["info"]["version"]},
        "servers": [{"url": "/v2", "description": "This service."}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "webhooks": build_webhooks(examples.get("webhooks", [])),
        "components": {
            "schemas": dict(sorted((made["components"]["schemas"] | _shapes()).items())),
            "parameters": PARAMETERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
        "x-error-codes": [asdict(each) for each in codes.list_error_codes()],
    }
    named: dict[str, Any] = _named(document)
    return named


def _path(item: Mapping[str, Any], examples: Mapping[str, Any]) -> dict[str, Any]:
    return {method: _operation(details, examples) for method, details in item.items()}


def _operation(details: Mapping[str, Any], examples: Mapping[str, Any]) -> dict[str, Any]:
    name = details["operationId"]
    told, shown = ROUTES[name], examples.get(name, [])
    parameters = [_path_parameter(each) for each in details["parameters"]]
    parameters += [_query_parameter(query) for query in told.query]
    parameters.append({"$ref": "#/components/parameters/AcceptLanguage"})
    if set(REPEATABLE) <= set(told.codes):
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": [told.tag],
        "summary": told.summary,
        "description": told.text,
        "security": _security(name, told),
        "parameters": parameters,
    }
    if body := _request_body(told, shown):
        operation["requestBody"] = body
    operation["responses"] = _answers(details, told, shown)
    return operation


def _security(name: str, told: Told) -> list[dict[str, list[str]]]:
    if "credentials_missing" not in told.codes:
        return _KEY_ONLY
    return _COMPANY_OR_OFFICE if name in _FOR_OFFICES_TOO or told.tag == OFFICES else _COMPANY


def _path_parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = {key: value for key, value in parameter["schema"].items() if key != "title"}
    known = _PATH_PARAMETERS.get(parameter["name"], {})
    return {
        "name": parameter["name"],
        "in": "path",
        "required": True,
        "description": known.get("description", ""),
        "schema": schema | known.get("schema", {}),
    }


_PATH_PARAMETERS: Final[dict[str, Any]] = {
    "token": {"description": "As the user pasted it; capitals, blanks and hyphens do not matter."},
    "request_id": {"description": "`request.id` of an answer."},
    "feed_id": {"description": "`id` of the list of feeds.", "schema": {"minimum": 0}},
    "feed_index": {"description": "`feed_index` of an entry.", "schema": {"format": "uuid"}},
    "file_format": {"description": "The file's format.", "schema": {"enum": ["cod", "pdf", "xml"]}},
    "invoice_id": {"description": "`id` of an invoice."},
    "fiduciary_id": {"description": "`id` of the office."},
    "client_id": {"description": "`id` of a client, as in the list of feeds."},
}


def _query_parameter(query: Query) -> dict[str, Any]:
    return {"name": query.name, "in": "query", "required": False, "description": query.text, "schema": query.schema}


def _request_body(told: Told, shown: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if told.files:
        return {"required": True, "content": {"multipart/form-data": {"schema": _PARTS, "encoding": _ENCODING}}}
    if told.body is None:
        return None
    content: dict[str, Any] = {"schema": _reference(told.body)}
    bodies = [each for each in shown if "body" in each and each["status"] < 400]
    if bodies:
        content["examples"] = {each["name"]: {"summary": each["summary"], "value": each["body"]} for each in bodies}
    return {"required": True, "content": {JSON: content}}


_PARTS: Final = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "UBL 2.1 Invoice or CreditNote, 20 MB at most."},
        "pdf": {
            "type": "string",
            "format": "binary",
            "description": "Its PDF. Beats one inside the document for display; both are kept.",
        },
    },
}
_ENCODING: Final = {"file": {"contentType": "application/xml"}, "pdf": {"contentType": "application/pdf"}}


def _answers(details: Mapping[str, Any], told: Told, shown: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, answer in details["responses"].items():
        content = dict(answer.get("content", {}))
        if told.answers:
            content = {media_type: {"schema": _BYTES} for media_type in told.answers}
        description = _SUCCESSES[int(status)] if not told.answers else " ".join(told.answers.values())
        answers[str(status)] = {"description": description, "content": content}
        if told.headers:
            answers[str(status)]["headers"] = {name: _header(text) for name, text in told.headers.items()}
    for status, group in _by_status((*told.codes, *_ANYWHERE)):
        answers[str(status)] = _error_answer(group)
    for status, answer in answers.items():
        _add_examples(answer, [each for each in shown if str(each["status"]) == status])
    return dict(sorted(answers.items()))


_SUCCESSES: Final = {200: "Done.", 201: "Made.", 204: "Done; there is nothing to say."}
_BYTES: Final = {"type": "string", "format": "binary"}


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}


def _by_status(found: Sequence[str]) -> Iterator[tuple[int, list[codes.ErrorCode]]]:
    known = {each.code: each for each in codes.list_error_codes()}
    for status in sorted({known[code].status for code in found}):
        yield status, [known[code] for code in dict.fromkeys(found) if known[code].status == status]


def _error_answer(group: Sequence[codes.ErrorCode]) -> dict[str, Any]:
    plain = [each.code for each in group if not each.is_refusal]
    refusals = [each.code for each in group if each.is_refusal]
    schemas = [
        {"allOf": [{"$ref": f"#/components/schemas/{shape}"}, {"properties": {"code": {"enum": names}}}]}
        for shape, names in (("ErrorOut", plain), ("RefusalOut", refusals))
        if names
    ]
    lines = "\n".join(f"- `{each.code}`: {each.cause}" for each in group)
    answer: dict[str, Any] = {
        "description": lines,
        "content": {JSON: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}},
    }
    if any(each.status == 401 for each in group):
        answer["headers"] = {"WWW-Authenticate": _header("`Basic`.")}
    if any(each.code in _RETRY_AFTER for each in group):
        answer["headers"] = {"Retry-After": _header("Seconds.")}
    return answer


def _add_examples(answer: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> None:
    content = answer["content"].get(JSON)
    if content is None or not shown:
        return
    content["examples"] = {
        each["name"]: {"summary": each["summary"], "value": each["answer"], "x-call": each["call"]} for each in shown
    }


def _shapes() -> dict[str, Any]:
    _refs, made = models_json_schema([(shape, "validation") for shape in (*SHAPES, *TOLD)], ref_template=REF_TEMPLATE)
    definitions: dict[str, Any] = made["$defs"]
    return definitions


def _reference(shape: type[Schema]) -> dict[str, str]:
    return {"$ref": REF_TEMPLATE.format(model=shape.__name__)}


def _named(value: Any) -> Any:
    """Return the document without the titles that say nothing and the defaults of what may be absent.

    What is marked with the name of a shape becomes a reference to it.
    """
    if isinstance(value, list):
        return [_named(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "x-shape" in value:
        return {"$ref": REF_TEMPLATE.format(model=value["x-shape"])}
    is_schema = "type" in value or "anyOf" in value or "$ref" in value
    dropped = ("title", "default") if is_schema and not isinstance(value.get("title"), dict) else ()
    return {key: _named(each) for key, each in value.items() if key not in dropped}


def render_document() -> bytes:
    """Return the document as JSON, as it is served and committed."""
    return json.dumps(build_document(), indent=1, ensure_ascii=False).encode() + b"\n"
