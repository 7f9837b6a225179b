"""The rules of Peppol BIS Billing 3.0, for documents that claim it.

Peppol's own rule files may not be passed on, so no package has them. An operator who has fetched them names their
folder in a setting, and they decide. Without it the rules are those of the `mock-einvoice` distribution, a port that
was written from the tests of Peppol's files (3.0.21) and agreed with them on all 213 documents tried.
"""

import logging
from pathlib import Path
from typing import Any, Final

from lxml import etree

from apps.invoices.checks.found import Found
from apps.invoices.checks.official import NOT_COMPUTED
from apps.invoices.checks.saxon import EMBEDDED, PLACEHOLDER, Failure, NotComputed, place_failures, run_sheet
from apps.invoices.rules import Layer, Severity

logger = logging.getLogger(__name__)

_SHEETS: Final = ("*.xslt", "*.xsl")


class NoSheets(Exception):
    """The folder that the operator named holds no compiled sheet."""


def list_sheets(folder: Path) -> list[Path]:
    """Return the compiled sheets of a folder.

    :raises NoSheets: when there is none.
    """
    sheets = sorted(path for pattern in _SHEETS for path in folder.glob(pattern))
    if not sheets:
        raise NoSheets(f"{folder} holds no compiled rule sheet (*.xslt, *.xsl).")
    return sheets


def check_peppol(root: etree._Element, document: str, *, folder: Path | None) -> list[Found]:
    """Return what Peppol's rules say, by the sheets of a folder, or by the port when there is none."""
    if folder is None:
        return _run_port(root)
    findings: list[Found] = []
    for sheet in list_sheets(folder):
        try:
            findings += place_failures(run_sheet(sheet, document), root=root, layer=Layer.PEPPOL)
        except NotComputed as error:
            findings.append(_not_computed(Severity.FATAL, f"{sheet.name}: {error}"))
    return findings


def _run_port(root: etree._Element) -> list[Found]:
    from mockeinvoice import rules, ubl  # noqa: PLC0415 # reading its code lists takes a third of a second

    try:
        failures = [
            Failure(code=found.code, flag=found.level, path=found.path, sentence=found.text)
            for found in rules.run(None, "peppol", _copy(root, ubl.Node))
        ]
    except Exception as error:
        # A fault of the port must not keep a document from being judged by everything else.
        logger.exception("the port of Peppol's rules failed")
        return [_not_computed(Severity.WARNING, type(error).__name__)]
    return place_failures(failures, root=root, layer=Layer.PEPPOL)


def _copy(element: etree._Element, node: Any) -> Any:
    """Copy a tree into the port's own nodes, without the embedded files."""
    text = element.text or ""
    attributes = {str(name): str(value) for name, value in element.items()}
    copied = node(element.tag, attributes, PLACEHOLDER if element.tag == EMBEDDED and text else text)
    copied.children = [_copy(child, node) for child in element]
    return copied


def _not_computed(severity: Severity, reason: str) -> Found:
    return Found(
        code=NOT_COMPUTED,
        severity=severity,
        layer=Layer.PEPPOL,
        location="/",
        message=f"The rules of Peppol could not be computed: {reason}"[:500],
    )
