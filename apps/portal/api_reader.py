"""The published document of the wire API, read for its pages.

It is the committed copy, which a test holds equal to what the API itself serves: the portal and the API are strangers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from django.conf import settings

from apps.core.errors import NotFound

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Member:
    """A field, parameter or part: what kind of value it is, and the shape that it leads to."""

    name: str
    kind: str
    text: str
    is_required: bool
    shape: str = ""
    values: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A named object with its fields."""

    name: str
    text: str
    members: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Example:
    """A call that was made, and what was answered."""

    summary: str
    call: str
    body: str
    status: str
    answer: str


@dataclass(frozen=True, slots=True)
class Success:
    """An answer that is no error."""

    status: str
    shape: str
    media_types: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """An error that can be answered."""

    code: str
    status: int
    detail: str
    cause: str
    remedy: str
    is_refusal: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """A route: how it is called and what it answers."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    text: str
    needs_login: bool
    takes_office: bool
    parameters: Sequence[Member]
    parts: Sequence[Member]
    body: str
    successes: Sequence[Success]
    errors: Sequence[ErrorCode]
    examples: Sequence[Example]
    shapes: Sequence[Shape] = field(default=())


@dataclass(frozen=True, slots=True)
class Message:
    """What a software can be told as it happens; `example` is empty where none was recorded."""

    topic: str
    summary: str
    shape: str
    example: str


@dataclass(frozen=True, slots=True)
class Group:
    """Routes that belong together."""

    name: str
    text: str
    operations: Sequence[Operation]


@cache
def read_document() -> dict[str, Any]:
    """Return the published document."""
    document: dict[str, Any] = json.loads((settings.BASE_DIR / "docs" / "openapi.json").read_text(encoding="utf-8"))
    return document


@cache
def list_groups() -> list[Group]:
    """Return the routes in their groups."""
    operations = list(_operations(read_document()))
    return [
        Group(tag["name"], tag["description"], [each for each in operations if each.tag == tag["name"]])
        for tag in read_document()["tags"]
    ]


@cache
def list_messages() -> list[Message]:
    """Return the messages that a software can be sent."""
    return [_read_message(topic, item["post"]) for topic, item in read_document()["webhooks"].items()]


@cache
def list_message_headers() -> list[Member]:
    """Return what comes along with every message."""
    told = next(iter(read_document()["webhooks"].values()))["post"]
    return [_read_parameter(read_document(), each) for each in told["parameters"]]


@cache
def list_message_shapes() -> list[Shape]:
    """Return the shapes of what messages hold."""
    names = dict.fromkeys(message.shape for message in list_messages())
    return _reached(read_document(), ["MessageTold", *names])


@cache
def list_errors() -> list[ErrorCode]:
    """Return every error code of the API, by status."""
    return [ErrorCode(**each) for each in read_document()["x-error-codes"]]


def get_operation(name: str) -> Operation:
    """Return a route by its name.

    :raises NotFound: when there is none.
    """
    for group in list_groups():
        for operation in group.operations:
            if operation.name == name:
                return operation
    raise NotFound


def _read_message(topic: str, told: Mapping[str, Any]) -> Message:
    content = told["requestBody"]["content"][JSON]
    shape = content["schema"]["allOf"][1]["properties"]["data"]["$ref"].rpartition("/")[2]
    example = content["examples"]["told"]["value"] if "examples" in content else None
    return Message(topic, told["summary"], shape, _written(example) if example else "")


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, told in item.items():
            yield _read_operation(document, method.upper(), f"/v2{path}", told)


def _read_operation(document: Mapping[str, Any], method: str, path: str, told: Mapping[str, Any]) -> Operation:
    content = told.get("requestBody", {}).get("content", {})
    successes = [_read_success(status, each) for status, each in told["responses"].items() if status < "4"]
    body = content[JSON]["schema"]["$ref"].rpartition("/")[2] if JSON in content else ""
    return Operation(
        name=told["operationId"],
        method=method,
        path=path,
        tag=told["tags"][0],
        summary=told["summary"],
        text=told["description"],
        needs_login="login" in told["security"][0],
        takes_office=told["security"][-1] == {"login": []},
        parameters=[_read_parameter(document, each) for each in told["parameters"]],
        parts=_members(content.get("multipart/form-data", {}).get("schema", {})),
        body=body,
        successes=successes,
        errors=list(_read_errors(told["responses"])),
        examples=list(_read_examples(told)),
        shapes=_reached(document, [body, *(each.shape for each in successes)]),
    )


def _read_parameter(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Member:
    if "$ref" in parameter:
        parameter = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    member = _member(parameter["name"], parameter["schema"], is_required=parameter["required"])
    return Member(member.name, member.kind, parameter["description"], member.is_required, "", member.values)


def _read_success(status: str, answer: Mapping[str, Any]) -> Success:
    schema = answer["content"].get(JSON, {}).get("schema", {})
    shape = schema.get("$ref", "").rpartition("/")[2]
    return Success(status, shape, list(answer["content"]), "" if shape else answer["description"])


def _read_errors(responses: Mapping[str, Any]) -> Iterator[ErrorCode]:
    for answer in responses.values():
        schema = answer["content"].get(JSON, {}).get("schema", {})
        codes = [code for each in schema.get("anyOf", [schema]) for code in _codes_of(each)]
        yield from (each for each in list_errors() if each.code in codes)


def _codes_of(schema: Mapping[str, Any]) -> list[str]:
    codes: list[str] = schema["allOf"][1]["properties"]["code"]["enum"] if "allOf" in schema else []
    return codes


def _read_examples(told: Mapping[str, Any]) -> Iterator[Example]:
    bodies = told.get("requestBody", {}).get("content", {}).get(JSON, {}).get("examples", {})
    # First what was made, then what else was done, then the errors.
    for status, answer in sorted(told["responses"].items(), key=lambda each: (each[0] != "201", each[0])):
        for name, example in answer["content"].get(JSON, {}).get("examples", {}).items():
            body = _written(bodies[name]["value"]) if name in bodies else ""
            yield Example(example["summary"], example["x-call"], body, status, _written(example["value"]))


def _written(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _reached(document: Mapping[str, Any], names: Sequence[str]) -> list[Shape]:
    """Return these shapes and those that they lead to, each once."""
    schemas, found, waiting = document["components"]["schemas"], dict[str, Shape](), [name for name in names if name]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            schema = schemas[name]
            found[name] = Shape(name, schema.get("description", ""), _members(schema))
            waiting += [shape for member in found[name].members for shape in member.shape.split() if shape]
    return list(found.values())


def _members(schema: Mapping[str, Any]) -> list[Member]:
    required = schema.get("required", [])
    properties: Mapping[str, Any] = schema.get("properties", {})
    return [_member(name, each, is_required=name in required) for name, each in properties.items()]


def _member(name: str, schema: Mapping[str, Any], *, is_required: bool) -> Member:
    kinds = [_kind_of(each) for each in schema.get("anyOf", [schema])]
    shapes = [shape for _kind, shape, _values in kinds if shape]
    values = [value for _kind, _shape, found in kinds for value in found]
    texts = [each.get("description", "") for each in (schema, *schema.get("anyOf", []))]
    text = next(filter(None, texts), "")
    return Member(
        name, " or ".join(kind for kind, _s, _v in kinds if kind), text, is_required, " ".join(shapes), values
    )


def _kind_of(schema: Mapping[str, Any]) -> tuple[str, str, Sequence[str]]:
    """Return how a kind of value is called, the shape that it leads to, and its values where they are few."""
    if "$ref" in schema:
        return "object", schema["$ref"].rpartition("/")[2], ()
    if "enum" in schema:
        return "text", "", schema["enum"]
    if schema.get("type") == "array":
        kind, shape, values = _kind_of(schema["items"])
        return f"list of {_PLURALS.get(kind, kind)}", shape, values
    if isinstance(schema.get("additionalProperties"), dict):
        kind, shape, values = _kind_of(schema["additionalProperties"])
        return f"object of {_PLURALS.get(kind, kind)}", shape, values
    kind = str(schema.get("type", ""))
    return _KINDS.get((kind, schema.get("format")), kind), "", ()


_PLURALS: Final = {"object": "objects", "text": "texts"}
_KINDS: Final[Mapping[tuple[str, str | None], str]] = {
    ("string", None): "text",
    ("string", "uuid"): "UUID",
    ("string", "date"): "date",
    ("string", "date-time"): "instant",
    ("string", "binary"): "file",
    ("boolean", None): "true or false",
    ("integer", None): "number",
    ("null", None): "null",
}
