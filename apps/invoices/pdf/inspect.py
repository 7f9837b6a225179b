"""Looking into a PDF that a stranger made, without unpacking what it holds: whether it opens, and what it would do."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

MAX_OBJECTS: Final = 100_000
MAX_PAGE_NODES: Final = 100_000
# A file's objects may lie packed in streams of their own, which must be unpacked to read it at all.
MAX_UNPACKED_BYTES: Final = 100_000_000
_ACTIONS: Final = {
    "/JavaScript": "JavaScript",
    "/Launch": "Launch",
    "/ImportData": "ImportData",
    "/SubmitForm": "SubmitForm",
    "/GoToE": "GoToE",
}
_ACTION_KEYS: Final = ("/OpenAction", "/A", "/AA")


class PdfUnreadable(ValueError):
    """Bytes that no viewer opens; `reason` is `damaged` or `password`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What a PDF is. `restricted`: encrypted, but opens without a password. `actions` are named as PDF does."""

    pages: int
    restricted: bool
    actions: tuple[str, ...]
    files: tuple[str, ...]


def inspect_pdf(data: bytes) -> PdfFacts:
    """Open a PDF without a password and say what it is; no stream in it is unpacked but its own object streams.

    :raises PdfUnreadable: when it is damaged beyond repair, has no page, or asks for a password.
    """
    import pikepdf  # noqa: PLC0415 # only a worker looks into PDFs

    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_UNPACKED_BYTES,
        png_max_memory=MAX_UNPACKED_BYTES,
        run_length_max_memory=MAX_UNPACKED_BYTES,
        tiff_max_memory=MAX_UNPACKED_BYTES,
    )
    try:
        with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False) as pdf:
            pages = _count_pages(pdf)
            if not pages:
                raise PdfUnreadable("damaged")
            return PdfFacts(
                pages=pages,
                restricted=bool(pdf.is_encrypted),
                actions=tuple(sorted(set(_actions(pdf)))),
                files=tuple(name[:200] for name in pdf.attachments),
            )
    except pikepdf.PasswordError as error:
        raise PdfUnreadable("password") from error
    except (pikepdf.PikepdfError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # A hostile file also breaks the reader's own expectations of types.
        raise error if isinstance(error, PdfUnreadable) else PdfUnreadable("damaged") from error


def _count_pages(pdf: Any) -> int:
    """Count the pages of the tree, of which so many nodes are visited.

    The reader's own list of pages is not asked for: one page named a million times took 2 GB there.

    :raises PdfUnreadable: when a branch of the tree is met twice.
    """
    seen: set[tuple[int, int]] = set()
    waiting, left, pages = [pdf.Root.get("/Pages")], MAX_PAGE_NODES, 0
    while waiting:
        node = waiting.pop()
        if not _is_dictionary(node):
            continue
        kids = node.get("/Kids")
        if kids is None:
            pages += 1
            continue
        if node.is_indirect:
            if node.objgen in seen:
                raise PdfUnreadable("damaged")
            seen.add(node.objgen)
        some = min(len(kids), left)
        left -= some
        waiting += [kids[number] for number in range(some)]
    return pages


def _actions(pdf: Any) -> Iterator[str]:
    """Yield what the file would run: in its objects, in the actions written inside them, and in its name tree."""
    names = pdf.Root.get("/Names")
    if names is not None and "/JavaScript" in names:
        yield "JavaScript"
    form = pdf.Root.get("/AcroForm")
    if form is not None and "/XFA" in form:
        yield "XFA"
    for number, found in enumerate(pdf.objects):
        if number == MAX_OBJECTS:
            return
        if _is_dictionary(found):
            yield from _of_dictionary(found)


def _of_dictionary(found: Any) -> Iterator[str]:
    yield from _of_action(found)
    for key in _ACTION_KEYS:
        inner = found.get(key)
        if _is_dictionary(inner):
            yield from _of_action(inner)
            # /AA holds one action for each occasion.
            for name in inner.keys() if key == "/AA" else ():
                if _is_dictionary(inner[name]):
                    yield from _of_action(inner[name])


def _of_action(action: Any) -> Iterator[str]:
    kind = str(action.get("/S"))
    if kind in _ACTIONS:
        yield _ACTIONS[kind]


def _is_dictionary(found: Any) -> bool:
    import pikepdf  # noqa: PLC0415 # see inspect_pdf

    return isinstance(found, pikepdf.Dictionary)
