"""Reading XML that strangers wrote: no DTD, no entities, no network, bounded in bytes, depth and width.

libxml2 alone is not enough: it accepts UTF-7, defines entities before anyone can look, and its own limits
have to be lifted (`huge_tree`) because an embedded PDF easily passes its 10 MB for one text. So the
encoding and the DOCTYPE are decided on the bytes before the parser sees them, and the limits that were
lifted are set again here.
"""

import re
from functools import lru_cache
from typing import ClassVar, Final

from lxml import etree

DEFAULT_MAX_BYTES: Final = 20 * 1024 * 1024
DEFAULT_MAX_DEPTH: Final = 200
_MAX_TEXT: Final = 1_000_000
_MAX_ATTRIBUTES: Final = 256
_MAX_NAMESPACES: Final = 256

# US-ASCII is written by software that uses character references for the rest; it is a subset of UTF-8.
_ALLOWED_ENCODINGS: Final = frozenset(
    (
        *("utf-8", "utf8", "us-ascii", "ascii"),
        *("utf-16", "utf16", "utf-16le", "utf-16be"),
        *("iso-8859-1", "iso8859-1", "latin1", "latin-1", "iso-8859-15", "iso8859-15", "latin-9"),
        *("windows-1252", "cp1252"),
    )
)
_BYTE_ORDER_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_FIRST_BYTES: Final = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "ebcdic"),
)
_OTHER_FORMATS: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (or an Office file)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"{", "JSON"),
)
_DECLARED_ENCODING: Final = re.compile(r"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)[\"']")
# Atomic groups: a prolog of a million comments is read once, not once per way of dividing it.
_DOCTYPE_IN_PROLOG: Final = re.compile(r"(?:\s++|(?><\?.*?\?>)|(?><!--.*?-->))*+<!DOCTYPE", re.DOTALL | re.IGNORECASE)
_POSITION_IN_MESSAGE: Final = re.compile(r",? line \d+, column \d+.*", re.DOTALL)


class XmlRefused(ValueError):
    """Bytes that are not read as XML; `code` is stable, the text is a sentence, `line` is counted from 1."""

    code: ClassVar[str] = "xml_malformed"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class XmlMalformed(XmlRefused):
    """Not well-formed."""


class XmlBeyondLimits(XmlRefused):
    """Nested too deeply, or with texts, attributes or namespaces that no business document has."""


class XmlTooLarge(XmlRefused):
    """More bytes than allowed."""

    code: ClassVar[str] = "file_too_large"


class XmlHasDoctype(XmlRefused):
    """A document type declaration, harmless or not."""

    code: ClassVar[str] = "xml_doctype"


class XmlEncodingUnsupported(XmlRefused):
    """An encoding outside UTF-8, UTF-16, ISO-8859-1, ISO-8859-15 and windows-1252."""

    code: ClassVar[str] = "encoding_unsupported"


def parse_xml(
    data: bytes,
    *,
    max_bytes: int = DEFAULT_MAX_BYTES,
    max_depth: int = DEFAULT_MAX_DEPTH,
    long_text_in: str = "",
) -> etree._Element:
    """Parse bytes and return the root element; comments and processing instructions are left out.

    `max_depth` counts elements from the root. Texts are limited to a million characters, except in the
    element whose local name is `long_text_in`. Raises a subclass of `XmlRefused`: `XmlTooLarge`,
    `XmlEncodingUnsupported`, `XmlHasDoctype`, `XmlBeyondLimits` or `XmlMalformed`.
    """
    if len(data) > max_bytes:
        raise XmlTooLarge(f"The document has {len(data)} bytes; at most {max_bytes} are accepted.")
    encoding = _encoding_of_bytes(data)
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff").removeprefix("\xef\xbb\xbf")
    _refuse_declared_encoding(text, encoding)
    if doctype := _DOCTYPE_IN_PROLOG.match(text):
        line = text.count("\n", 0, doctype.end()) + 1
        raise XmlHasDoctype(f"The document has a DOCTYPE on line {line}; none is accepted.", line=line)
    root = _parse(data)
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlHasDoctype("The document has a DOCTYPE; none is accepted.")
    _refuse_beyond_limits(root, text, max_depth=max_depth, long_text_in=long_text_in)
    return root


def _encoding_of_bytes(data: bytes) -> str:
    """Tell UTF-16 from the encodings that write markup in ASCII: for those, Latin-1 finds the markup."""
    marks = _BYTE_ORDER_MARKS + _FIRST_BYTES
    encoding = next((name for mark, name in marks if data.startswith(mark)), "latin-1")
    if encoding in ("utf-32-le", "utf-32-be", "ebcdic"):
        raise XmlEncodingUnsupported(f"The encoding {encoding.upper()} is not accepted.", line=1)
    return encoding


def _refuse_declared_encoding(text: str, encoding: str) -> None:
    match = _DECLARED_ENCODING.match(text)
    declared = match[1].lower() if match else ""
    if declared and declared not in _ALLOWED_ENCODINGS:
        raise XmlEncodingUnsupported(f"The encoding {declared[:40]!r} is not accepted.", line=1)
    # .NET writes this when a string that declares UTF-16 is saved as UTF-8.
    if declared.startswith("utf-16") and encoding == "latin-1":
        raise XmlEncodingUnsupported("The document declares UTF-16 but is not written in it.", line=1)


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _explain(data, error) from error


def _explain(data: bytes, error: etree.XMLSyntaxError) -> XmlRefused:
    for mark, name in _OTHER_FORMATS:
        if data.lstrip()[: len(mark)] == mark:
            return XmlMalformed(f"The file is {name}, not XML.", line=1)
    reason = _POSITION_IN_MESSAGE.sub("", error.msg or "").strip(" .\n") or "it is empty"
    line = error.lineno or None
    if reason.startswith("Excessive depth"):
        return XmlBeyondLimits("The elements of the document are nested too deeply.", line=line)
    place = f" on line {line}" if line else ""
    return XmlMalformed(f"The document is not well-formed XML{place}: {reason}.", line=line)


def _refuse_beyond_limits(root: etree._Element, text: str, *, max_depth: int, long_text_in: str) -> None:
    if _deeper_than(max_depth)(root):
        raise XmlBeyondLimits(f"The elements of the document are nested more than {max_depth} deep.")
    if _WIDE_ELEMENT(root):
        raise XmlBeyondLimits(f"An element of the document has more than {_MAX_ATTRIBUTES} attributes.")
    # The two dear checks are made only where the size says that they could find something.
    if len(text) > _MAX_TEXT and _LONG_TEXT(root, exempt=long_text_in):
        raise XmlBeyondLimits(f"A text of the document has more than {_MAX_TEXT} characters.")
    if text.count("xmlns") > _MAX_NAMESPACES and any(len(each.nsmap) > _MAX_NAMESPACES for each in root.iter()):
        raise XmlBeyondLimits(f"The document declares more than {_MAX_NAMESPACES} namespaces in one place.")


_WIDE_ELEMENT: Final = etree.XPath(f"boolean(//*[count(@*) > {_MAX_ATTRIBUTES}])")
_LONG_TEXT: Final = etree.XPath(
    f"boolean(//*[local-name() != $exempt]/text()[string-length() > {_MAX_TEXT}] | //@*[string-length() > {_MAX_TEXT}])"
)


@lru_cache(maxsize=8)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")
