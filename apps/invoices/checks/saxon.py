"""Running compiled Schematron (XSLT) over a document, by Saxon.

A process has one Saxon processor, made on first use and used by the thread that made it: a second one, or a second
thread, aborts the whole process. So it is made in the worker's children, after the fork, and never by the web
processes. It gets nothing but a tree that lxml has read and written again.
"""

import os
import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from lxml import etree

from apps.invoices.checks.found import Found
from apps.invoices.rules import Layer, Severity
from apps.invoices.ubl.places import element_at, place_of
from apps.invoices.ubl.values import CBC

MAX_FINDINGS_PER_RULE: Final = 20
MAX_FINDINGS: Final = 200
_MAX_MESSAGE: Final = 1_000
_SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"
_FAILURES: Final = (f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
_SEVERITIES: Final = {"warning": Severity.WARNING, "information": Severity.INFORMATION, "info": Severity.INFORMATION}
_ID_BEFORE_SENTENCE: Final = re.compile(r"^\s*\[[^\]]*\]\s*-?\s*")
_TEXT: Final = etree.XPath("string()")
EMBEDDED: Final = f"{{{CBC}}}EmbeddedDocumentBinaryObject"
# Whatever the content is, the rules only ask whether there is some.
PLACEHOLDER: Final = "AA=="
# Schematron's skeleton finds the place of a failure by counting the elements before it, for each failure anew: with
# thousands of lines at fault that is nearly all of its time. Saxon's own `path()` says the same in one pass.
_WITH_QUICK_PLACES: Final = """\
<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="{address}"/>
<xsl:template match="*" mode="schematron-select-full-path"><xsl:value-of select="path()"/></xsl:template>
</xsl:stylesheet>"""
_FEATURES: Final = {
    "http://saxon.sf.net/feature/allowedProtocols": "file",
    "http://saxon.sf.net/feature/parserFeature?uri=http%3A//apache.org/xml/features/disallow-doctype-decl": "true",
}


class NotComputed(Exception):
    """A rule sheet stopped in the middle of a document, so its verdict is unknown."""


class SheetBroken(Exception):
    """A sheet does not compile: our fault or the operator's, never a finding on a document."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed rule as the sheet reports it."""

    code: str
    flag: str
    path: str
    sentence: str


def write_for_rules(root: etree._Element) -> str:
    """Write the tree as text without its embedded files, which cost time and say nothing to the rules."""
    embedded = [(element, element.text) for element in root.iter(EMBEDDED) if element.text]
    for element, _text in embedded:
        element.text = PLACEHOLDER
    try:
        return etree.tostring(root, encoding="unicode")
    finally:
        for element, text in embedded:
            element.text = text


def run_sheet(sheet: Path, document: str) -> list[Failure]:
    """Run a compiled sheet over a document that `write_for_rules` wrote; returns what failed, in the sheet's order.

    :raises NotComputed: when the sheet stops on a value that it cannot compute with.
    :raises SheetBroken: when it does not compile.
    :raises RuntimeError: in a process or thread other than the one that made the processor.
    """
    from saxonche import PySaxonApiError  # noqa: PLC0415 # its library is 100 MB, which only a worker needs

    processor = _processor()
    compiled = processor.sheet(sheet)
    try:
        report = compiled.transform_to_string(xdm_node=processor.tree(document))
    except PySaxonApiError as error:
        raise NotComputed(str(error)) from error
    root = etree.fromstring(report.encode(), etree.XMLParser(huge_tree=True, resolve_entities=False))
    return list(_read_report(root))


def place_failures(failures: list[Failure], *, root: etree._Element, layer: Layer) -> list[Found]:
    """Turn failures into findings with their place in the document: so many of each rule, so many in all."""
    seen: Counter[str] = Counter()
    findings: list[Found] = []
    for failure in failures:
        seen[failure.code] += 1
        if seen[failure.code] > MAX_FINDINGS_PER_RULE or len(findings) == MAX_FINDINGS:
            continue
        findings.append(
            Found(
                code=failure.code,
                severity=_SEVERITIES.get(failure.flag, Severity.FATAL),
                layer=layer,
                location=place_of(element_at(root, failure.path)),
                message=failure.sentence[:_MAX_MESSAGE],
            )
        )
    return findings


def _read_report(report: etree._Element) -> Iterator[Failure]:
    for element in report.iter(*_FAILURES):
        sentence = " ".join(str(_TEXT(element)).split())
        yield Failure(
            code=element.get("id") or "",
            flag=element.get("flag") or element.get("role") or "fatal",
            path=element.get("location") or "",
            sentence=_ID_BEFORE_SENTENCE.sub("", sentence),
        )


class _Processor:
    """The process's Saxon, with the sheets that it has compiled."""

    def __init__(self) -> None:
        from saxonche import PySaxonProcessor  # noqa: PLC0415 # see run_sheet

        self._owner = (os.getpid(), threading.get_ident())
        self._saxon = PySaxonProcessor(license=False)
        for name, value in _FEATURES.items():
            self._saxon.set_configuration_property(name, value)
        self._compiler = self._saxon.new_xslt30_processor()
        self._sheets: dict[Path, Any] = {}

    def tree(self, document: str) -> Any:
        """Return Saxon's own tree of a document."""
        self._refuse_strangers()
        return self._saxon.parse_xml(xml_text=document)

    def sheet(self, path: Path) -> Any:
        """Return a compiled sheet; compiling takes half a second, once."""
        from saxonche import PySaxonApiError  # noqa: PLC0415 # see run_sheet

        self._refuse_strangers()
        if path not in self._sheets:
            quick = _WITH_QUICK_PLACES.format(address=escape(path.resolve().as_uri(), {'"': "&quot;"}))
            try:
                self._sheets[path] = self._compiler.compile_stylesheet(stylesheet_text=quick)
            except PySaxonApiError as error:
                raise SheetBroken(f"{path}: {error}") from error
        return self._sheets[path]

    def _refuse_strangers(self) -> None:
        if self._owner != (os.getpid(), threading.get_ident()):
            raise RuntimeError("Saxon belongs to the thread that used it first: run judgements in worker processes.")


@lru_cache(maxsize=1)
def _processor() -> _Processor:
    return _Processor()
