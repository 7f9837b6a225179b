"""Reading single values out of UBL elements: texts, dates and amounts, as the schema's types allow them."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

CAC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_NAMESPACES: Final = {"cac": CAC, "cbc": CBC}

# xsd:decimal knows no exponent. Thirteen digits before the dot are what a stored amount holds.
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,13}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")
_DATE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")


def children(parent: etree._Element, path: str) -> list[etree._Element]:
    """Return the elements at a `cac:`/`cbc:` path below `parent`."""
    return parent.findall(path, _NAMESPACES)


def child(parent: etree._Element | None, path: str) -> etree._Element | None:
    """Return the first element at a `cac:`/`cbc:` path below `parent`."""
    return None if parent is None else parent.find(path, _NAMESPACES)


def text_of(element: etree._Element | None) -> str | None:
    """Return the text with its white space collapsed, or None when there is none."""
    return (" ".join((element.text or "").split()) or None) if element is not None else None


def texts_at(parent: etree._Element, *paths: str) -> Iterator[str]:
    """Yield every text at these paths, path by path."""
    for path in paths:
        for element in children(parent, path):
            if text := text_of(element):
                yield text


def text_at(parent: etree._Element | None, *paths: str) -> str | None:
    """Return the first text at the first of these paths that has one."""
    return None if parent is None else next(texts_at(parent, *paths), None)


def paragraphs_at(parent: etree._Element, path: str) -> str | None:
    """Return the texts at a path, each on lines of its own with their line breaks kept."""
    texts = ((element.text or "").strip() for element in children(parent, path))
    return "\n".join(text for text in texts if text) or None


def decimal_of(element: etree._Element | None) -> Decimal | None:
    """Return the exact number, or None when absent, no xsd:decimal, or over 13 digits before the dot."""
    text = text_of(element)
    return Decimal(text) if text and _DECIMAL.fullmatch(text) else None


def decimal_at(parent: etree._Element | None, path: str) -> Decimal | None:
    """Return the number of the first element at a path, as `decimal_of` reads it."""
    return decimal_of(child(parent, path))


def date_at(parent: etree._Element, *paths: str) -> date | None:
    """Return the first date at these paths, or None when there is none that the calendar knows.

    xsd:date allows a time zone behind the day; the day as written is what counts.
    """
    for text in texts_at(parent, *paths):
        if match := _DATE.fullmatch(text):
            try:
                return date.fromisoformat(match[1])
            except ValueError:
                return None
    return None
