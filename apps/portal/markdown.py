"""Our own documentation, written in Markdown, as parts of a page. HTML inside it is shown as text."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

# The languages in which a step is told, as people call them: such blocks stand together, the first of them open.
LANGUAGES: Final = {"bash": "curl", "python": "Python", "php": "PHP", "csharp": "C#"}
FIRST: Final = "bash"
_CLOSED: Final = '<details class="panel example" name="{}">'
ROLES: Final = {
    "table_open": "table",
    "thead_open": "rowgroup",
    "tbody_open": "rowgroup",
    "tr_open": "row",
    "th_open": "columnheader",
    "td_open": "cell",
}
# What the tests go by.
COMMENT: Final = re.compile(r"<!--.*?-->\n", re.DOTALL)


def _write_code(tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    code = format_html('<pre class="code" lang="zxx">{}</pre>\n', token.content.rstrip())
    if not token.meta["is_choice"]:
        return format_html('<p class="t13 dim">prints</p>\n{}', code) if token.info == "text" else code
    details = '<details class="panel example" name="{}" open>' if token.info == FIRST else _CLOSED
    shown = details + "<summary><b>{}</b></summary>{}</details>\n"
    return format_html(shown, token.meta["group"], LANGUAGES[token.info], code)


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("fence", lambda _self, tokens, index, *_rest: _write_code(tokens, index))
    return reader


_READER: Final = _reader()


def render_inline(text: str) -> SafeString:
    """Return a sentence as HTML: what it names is marked as code."""
    return SafeString(_READER.renderInline(text))


def render_markdown(text: str, *, address: Callable[[str], str] = str) -> SafeString:
    """Return a text as HTML: headings have an id to link to, `address` says where a link leads on this site."""
    tokens = _READER.parse(COMMENT.sub("", text))
    group = 0
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slugify(tokens[place + 1].content))
        elif token.type in ROLES:
            # On a narrow screen its rows are no longer displayed as a table: the roles say that they are one.
            token.attrSet("role", ROLES[token.type])
            if token.type == "table_open":
                token.attrSet("class", "table table--static")
        elif token.type == "fence":
            beside = (*tokens[place - 1 : place], *tokens[place + 1 : place + 2])
            token.meta["is_choice"] = all(
                (token.info in LANGUAGES, any(each.type == "fence" and each.info in LANGUAGES for each in beside))
            )
            group += token.info == FIRST
            token.meta["group"] = f"step-{group}"
        for inside in token.children or ():
            if inside.type == "link_open":
                inside.attrSet("href", address(str(inside.attrGet("href"))))
    # The reader escapes what it reads, and writes no HTML of the text's own.
    return SafeString(_READER.renderer.render(tokens, _READER.options, {}))
