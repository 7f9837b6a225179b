"""What a page must be for every eye: the rules of axe, in light and in dark, and no wider than its window."""

from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Half a megabyte, which goes into a page once for both themes.
AXE: Final = str(Axe().axe_script)
RUN: Final = "options => axe.run(document, options).then(found => found.violations)"
WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# What is customary beyond the standard too.
BEST: Final = (*WCAG, "best-practice")
OVERFLOW: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


# What a theme can change; all other rules are about the document, which is the same in both.
COLOURS: Final = ("color-contrast", "link-in-text-block")


def violations(page: Page, rules: tuple[str, ...]) -> list[str]:
    """Return what axe finds in either theme: the theme, the rule, and where. Leaves the page dark."""
    # What is in a frame is somebody else's document, in which no script runs: axe would wait a minute for its answer.
    options = {"resultTypes": ["violations"], "iframes": False}
    found = []
    passes: tuple[tuple[Literal["light", "dark"], Any], ...] = (
        ("light", list(rules)),
        ("dark", {"type": "rule", "values": list(COLOURS)}),
    )
    page.evaluate(AXE)
    for theme, wanted in passes:
        page.emulate_media(color_scheme=theme)
        broken: list[dict[str, Any]] = page.evaluate(RUN, {**options, "runOnly": wanted})
        found += [f"{theme}: {rule['id']}: {node['html'][:200]}" for rule in broken for node in rule["nodes"]]
    return found
