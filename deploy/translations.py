"""The translation catalogues: `python -m deploy.translations update` or `check`.

`update` reads the texts out of the Python code and the templates and merges them into the catalogues
(`locale/*/LC_MESSAGES/django.po`): what is translated stays, what is no longer used goes. `check` changes nothing and
fails with one line per fault: missing, fuzzy or unused texts, and placeholders that differ. No database or server is
needed. The catalogues carry no line numbers and no dates, so that a change shows only its texts.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parent.parent
LANGUAGES: Final = ("nl", "fr", "en", "de")
PYTHON_FOLDERS: Final = ("apps", "config")
TEMPLATE_SUFFIXES: Final = frozenset({".html", ".txt"})
KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[a-z]|%%|%[a-z]")

Text = str | tuple[str, ...]
Key = tuple[str, Text]


def main(arguments: list[str]) -> int:
    """Run one of the two commands; returns the exit status."""
    if arguments not in (["update"], ["check"]):
        print("Usage: python -m deploy.translations update|check", file=sys.stderr)
        return 2
    _set_up_django()
    wanted = read_sources(ROOT)
    if arguments == ["update"]:
        for language in LANGUAGES:
            update(path_of(ROOT, language), language, wanted)
        print(f"{len(wanted)} texts in {len(LANGUAGES)} languages.")
        return 0
    faults = [fault for language in LANGUAGES for fault in check(path_of(ROOT, language), language, wanted)]
    print("\n".join(faults) or f"Translations: {len(wanted)} texts, complete in {len(LANGUAGES)} languages.")
    return 1 if faults else 0


def read_sources(root: Path) -> list[Key]:
    """Return every text of the code and the templates, each once with its context, in alphabetical order."""
    found: set[Key] = set()
    for folder in PYTHON_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            found.update(_read_python(path.read_bytes()))
    for path in _template_files(root):
        found.update(read_template(path.read_text(encoding="utf-8"), origin=str(path.relative_to(root))))
    return sorted(found, key=lambda key: (_first(key[1]).lower(), _first(key[1]), key[0]))


def read_template(source: str, *, origin: str) -> Iterator[Key]:
    """Return the texts of one template; Django rewrites it as Python-like code that holds only these."""
    code = templatize(source, origin=origin)
    # An indented line of a plain-text template would be an indented line of Python.
    yield from _read_python("\n".join(line.lstrip() for line in code.splitlines()).encode())


def update(path: Path, language: str, wanted: list[Key]) -> None:
    """Write a language's catalogue anew: the wanted texts in their order, with the translations it had."""
    had = _read(path, language)
    catalogue = Catalog(locale=language, charset="utf-8")
    for context, text in wanted:
        message = had.get(text, context or None)
        flags = {"fuzzy"} if message is not None and message.fuzzy else set()
        catalogue.add(text, _translation(message, text, language), context=context or None, flags=flags)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_serialise(catalogue, language))


def check(path: Path, language: str, wanted: list[Key]) -> list[str]:
    """Return what is wrong with a language's catalogue, one line per fault."""
    had = _read(path, language)
    faults = [fault for context, text in wanted for fault in _faults(had.get(text, context or None), text)]
    known = {(context, _first(text)) for context, text in wanted}
    unused = [m for m in had if m.id and (m.context or "", _first(_plain(m.id))) not in known]
    faults += [f"unused: {_first(_plain(m.id))!r}" for m in unused]
    faults += [f"unused: {_first(_plain(m.id))!r}" for m in had.obsolete.values()]
    return [f"{language}: {fault}" for fault in faults]


def path_of(root: Path, language: str) -> Path:
    """Return where a language's catalogue lies."""
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def _faults(message: Message | None, text: Text) -> Iterator[str]:
    name = repr(_first(text))
    if message is None or _is_plural(_plain(message.id)) != _is_plural(text) or not all(_strings(message)):
        yield f"missing: {name}"
        return
    if message.fuzzy:
        yield f"fuzzy: {name}"
    allowed = set(PLACEHOLDER.findall("".join(_as_tuple(text))))
    wanted = sorted(PLACEHOLDER.findall(_first(text)))
    for string in _strings(message):
        found = sorted(PLACEHOLDER.findall(string))
        if (isinstance(text, str) and found != wanted) or not set(found) <= allowed:
            yield f"placeholders differ: {name}"


def _read_python(source: bytes) -> Iterator[Key]:
    for _line, text, _comments, context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
        yield context or "", text


def _template_files(root: Path) -> list[Path]:
    folders = [root / "templates", *sorted(root.glob("apps/*/templates"))]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in TEMPLATE_SUFFIXES)


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _serialise(catalogue: Catalog, language: str) -> bytes:
    """Write the catalogue with a header that says only what its readers need."""
    output = io.BytesIO()
    write_po(output, catalogue, omit_header=True, no_location=True, width=110)
    header = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Language: {language}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return header.encode() + output.getvalue().lstrip()


def _translation(message: Message | None, text: Text, language: str) -> Any:
    """Keep what is translated; English texts are their own translation until somebody words them otherwise.

    A text that got a plural keeps its singular, and one that lost it likewise.
    """
    if message is not None and any(_strings(message)):
        if _is_plural(_plain(message.id)) == _is_plural(text):
            return message.string
        if language != "en":
            return (_strings(message)[0], "") if _is_plural(text) else _strings(message)[0]
    if language == "en":
        return text
    return ("", "") if _is_plural(text) else ""


def _is_plural(text: Text) -> bool:
    return not isinstance(text, str)


def _plain(value: Any) -> Text:
    return value if isinstance(value, str) else tuple(value)


def _as_tuple(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


def _first(text: Text) -> str:
    return _as_tuple(text)[0]


def _strings(message: Message) -> tuple[str, ...]:
    return _as_tuple(_plain(message.string))


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_types")
    django.setup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
