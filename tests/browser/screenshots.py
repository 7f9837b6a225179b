"""`make screenshots`: a picture of every page in every state, and of every kind of mail, for people to look at.

They are in `var/screenshots/<page>/<language>-<theme>-<width>.png`. An argument is a word of the names to picture, or
how one begins.
"""

import re
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.gallery import Gallery
from tests.browser.mails import KINDS, LANGUAGES, address_of, ask_about_logins
from tests.browser.pages import PAGES, Shown
from tests.browser.people import DESKTOP, PHONE, Person, build_beside, find_chromium, gallery_of, start_chromium
from tests.journeys.instances import Instance, running_instance
from tests.journeys.mail import mails_to
from tests.journeys.tour import ROOT

FOLDER: Final = ROOT / "var" / "screenshots"
THEMES: Final = ("light", "dark")
WINDOWS: Final[tuple[ViewportSize, ...]] = (DESKTOP, PHONE)
# As wide as the mails are made for, and a telephone; low, so that a picture ends where its mail does.
MAIL_WINDOWS: Final[tuple[ViewportSize, ...]] = (
    {"width": 640, "height": 300},
    {"width": PHONE["width"], "height": 300},
)
NO_CHROMIUM: Final = "There is no Chromium: install Debian's package `chromium`, or name it in CHROMIUM."


def folder_name(name: str) -> str:
    """Return a page's name as the name of a folder."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def wanted(names: Iterable[str], words: Sequence[str]) -> list[str]:
    """Return the names in which one of the words begins a word, or all when there are no words."""
    beginnings = [f"-{folder_name(word)}" for word in words]
    return [name for name in names if not words or any(start in f"-{folder_name(name)}" for start in beginnings)]


class Album:
    """Takes the pictures; `count` is how many there are by now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.count = 0

    def add(self, page: Page, name: str, language: str, windows: Sequence[ViewportSize]) -> None:
        """Picture all that a tab shows, in both themes and each window."""
        for theme in THEMES:
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            for window in windows:
                page.set_viewport_size(window)
                path = self._folder / folder_name(name) / f"{language}-{theme}-{window['width']}.png"
                page.screenshot(path=path, full_page=True, animations="disabled")
                self.count += 1


def picture_pages(
    chromium: Browser, instance: Instance, gallery: Gallery, shown: Sequence[Shown], album: Album
) -> None:
    """Picture pages, each in the tab of whose it is."""
    for who in dict.fromkeys(page.who for page in shown):
        person = Person(chromium, instance.base, session=gallery.sessions.get(who, ""))
        for language in LANGUAGES:
            person.speak(language)
            for page in (page for page in shown if page.who == who):
                # Done on a wide page, as by the checks: some of what is clicked is in a menu on a narrow one.
                person.page.set_viewport_size(DESKTOP)
                tab = person.open(page.address(gallery.paths))
                if page.act:
                    page.act(tab)
                # Nothing is under the pointer.
                tab.mouse.move(0, 0)
                album.add(tab, page.name, language, WINDOWS)
        person.close()


def picture_mails(chromium: Browser, instance: Instance, kinds: Sequence[str], album: Album) -> list[str]:
    """Picture the newest mail of each kind; return those that never arrived."""
    missing = []
    reader = Person(chromium, instance.base)
    for kind in kinds:
        for language in LANGUAGES:
            messages = mails_to(instance, address_of(kind, language))
            html = messages[-1].get_body(("html",)) if messages else None
            if html is None:
                missing.append(f"{kind} ({language})")
                continue
            reader.page.set_content(html.get_content())
            album.add(reader.page, f"mail {kind}", language, MAIL_WINDOWS)
    reader.close()
    return missing


def take_pictures(chromium: Browser, shown: Sequence[Shown], kinds: Sequence[str], album: Album) -> list[str]:
    """Run a service, fill it, and picture it; return the mails that never arrived."""
    with tempfile.TemporaryDirectory() as folder, running_instance(Path(folder) / "data") as instance:
        if shown:
            picture_pages(chromium, instance, gallery_of(instance.environment), shown, album)
        if not kinds:
            return []
        ask_about_logins(chromium, instance.base, build_beside(instance.environment, "tests.browser.mails"))
        return picture_mails(chromium, instance, kinds, album)


def main(words: Sequence[str]) -> int:
    """Take the pictures whose names have one of the words; return the exit code."""
    began, path = time.monotonic(), find_chromium()
    names = wanted([page.name for page in PAGES], words)
    kinds = [name.removeprefix("mail ") for name in wanted([f"mail {kind}" for kind in KINDS], words)]
    if path is None:
        sys.stderr.write(f"{NO_CHROMIUM}\n")
        return 1
    if not names and not kinds:
        sys.stderr.write(f"No page and no mail has a name with: {' '.join(words)}\n")
        return 1
    album = Album(FOLDER)
    with sync_playwright() as playwright:
        chromium = start_chromium(playwright, path)
        missing = take_pictures(chromium, [page for page in PAGES if page.name in names], kinds, album)
        chromium.close()
    seconds = time.monotonic() - began
    of_what = f"pages: {len(names)}, kinds of mail: {len(kinds)}"
    sys.stdout.write(f"{album.count} pictures in {FOLDER.relative_to(ROOT)} ({of_what}), in {seconds:.0f} s\n")
    if missing:
        sys.stdout.write(f"These mails never arrived: {', '.join(missing)}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
