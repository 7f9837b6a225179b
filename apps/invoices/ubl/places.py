"""Where in a document something stands: written for people, and found again from the paths that rules report."""

import re
from typing import Any, Final

from lxml import etree

from apps.invoices.ubl.values import CAC, CBC

_PREFIXES: Final = {CAC: "cac:", CBC: "cbc:"}
# Compiled Schematron writes steps as `*:Name[namespace-uri()='…'][2]` or `Q{…}Name[2]`, others as `cac:Name[2]`.
_STEP: Final = re.compile(
    r"/(?:\*:|Q\{(?P<braced>[^}]*)\}|[\w.-]+:)?(?P<name>[\w.-]+)"
    r"(?:\[namespace-uri\(\)='(?P<quoted>[^']*)'\])?(?:\[(?P<position>\d+)\])?"
)


def place_of(element: etree._Element, *, line: int | None = None) -> str:
    """Write an element's path by names and positions among equals, with its line: `/Invoice/cbc:ID (line 7)`.

    `line` is a better one than the element's own. A document on one line has no lines to tell.
    """
    steps = [_step(each) for each in (element, *element.iterancestors())]
    place = "/" + "/".join(reversed(steps))
    number: Any = element.sourceline if line is None else line
    return f"{place} (line {number})" if number and number > 1 else place


def element_at(root: etree._Element, path: str) -> etree._Element:
    """Return the element that a rule's path names, or the innermost one on the way there that exists."""
    element = root
    for number, step in enumerate(_STEP.finditer(path.partition("/@")[0])):
        if number == 0:
            continue
        found = _child(element, step)
        if found is None:
            break
        element = found
    return element


def _child(parent: etree._Element, step: re.Match[str]) -> etree._Element | None:
    namespace = step["quoted"] or step["braced"] or "*"
    equals = parent.findall(f"{{{namespace}}}{step['name']}")
    position = int(step["position"] or 1)
    return equals[position - 1] if position <= len(equals) else None


def _step(element: etree._Element) -> str:
    name = etree.QName(element)
    label = _PREFIXES.get(name.namespace or "", "") + name.localname
    parent = element.getparent()
    equals = parent.findall(element.tag) if parent is not None else []
    return f"{label}[{equals.index(element) + 1}]" if len(equals) > 1 else label
