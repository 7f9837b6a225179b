"""The kinds of values on the wire, and how the published document describes each."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from pydantic import Field, PlainSerializer, WithJsonSchema

from apps.core import clock

Instant = Annotated[
    datetime,
    PlainSerializer(clock.write_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Identifier: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Amount: TypeAlias = Annotated[
    str, WithJsonSchema({"type": "string", "pattern": r"^-?\d+\.\d{2}$", "description": "Decimal, with a dot."})
]
BankAmount: TypeAlias = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "pattern": r"^-?\d+\.\d{3}$", "description": "Decimal with a dot; three decimals, as banks."}
    ),
]
Currency: TypeAlias = Annotated[str, Field(description="ISO 4217 code.")]
Communication: TypeAlias = Annotated[
    str, Field(description="Belgian structured communication, its twelve digits alone, or an ISO 11649 reference.")
]
EnterpriseNumber: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^BE[01]\d{9}$"})]
Actor: TypeAlias = Annotated[
    str, Field(description="Who did it: `software`, `office`, `user` (a person), `staff`, or `system`.")
]
# A refusal body is written by one function (`apps.tokens.refusals`); the document names its shape.
Refusal: TypeAlias = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "x-shape": "RefusalOut"})]


def choice(kind: type[StrEnum]) -> WithJsonSchema:
    """Return what describes a text as one of a kind's values; nothing is checked when an answer is written."""
    return one_of(*kind)


def one_of(*values: str) -> WithJsonSchema:
    """Return what describes a text as one of these; nothing is checked when an answer is written."""
    return WithJsonSchema({"type": "string", "enum": [str(value) for value in values]})
