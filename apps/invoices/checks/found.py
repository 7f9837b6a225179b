"""One remark of one rule, as the layers hand it to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.invoices.rules import Layer, Severity


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule says of one place.

    `code` is the official rule id where there is one (`XSD` for the schema). `message` is the official sentence,
    in English; a rule of our own has none, its sentence is written from `code` and `params` in the reader's
    language (`apps.invoices.sentences`). `location` is a path and, where there are lines, the line.
    """

    code: str
    severity: Severity
    layer: Layer
    location: str = ""
    message: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
