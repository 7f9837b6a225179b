"""Who sits at the browser, and what a page must never do to them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, ViewportSize

from tests.browser.gallery import Gallery
from tests.journeys.tour import ROOT

DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 900}
# As narrow as WCAG 2.2 asks for (1.4.10): 1280 pixels at 400 %.
NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
# The browser's own errands go nowhere from a test.
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
# A page that nobody may see, or that does not exist, says so in the console too.
EXPECTED: Final = ("Failed to load resource: the server responded with a status of",)


def find_chromium() -> str | None:
    """Return where Chromium is: CHROMIUM, or the first that lies on the path."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def start_chromium(playwright: Playwright, path: str) -> Browser:
    """Start it without a window."""
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def gallery_of(environment: Mapping[str, str]) -> Gallery:
    """Build the gallery in the database of a running service."""
    return Gallery(**build_beside(environment, "tests.browser.gallery"))


def build_beside(environment: Mapping[str, str], module: str, *arguments: str) -> dict[str, Any]:
    """Run a module beside a running service, and return the JSON that it prints."""
    command = [sys.executable, "-m", module, *arguments]
    built = subprocess.run(
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False, timeout=180
    )
    assert built.returncode == 0, built.stderr
    return dict(json.loads(built.stdout))


class Person:
    """Somebody with a browser of their own: `complaints` is what it wrote in its console, `answers` what it got."""

    def __init__(
        self, chromium: Browser, base: str, *, session: str = "", language: str = "nl", **options: Any
    ) -> None:
        self.base = base
        # Without motion a colour is never halfway when it is read.
        self.context = chromium.new_context(
            base_url=base, locale=f"{language}-BE", reduced_motion="reduce", **{"viewport": DESKTOP, **options}
        )
        self.context.set_default_timeout(20_000)
        if session:
            self.context.add_cookies([{"name": "sessionid", "value": session, "url": base}])
        self.complaints: list[str] = []
        self.answers: list[Response] = []
        self.page = self.context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._keep)

    # A bound method of ours: the driver cannot mark a list's own `append` as its handler.
    def _keep(self, answer: Response) -> None:
        # A PDF in a frame goes to the browser's viewer, which never tells that it has all of it. The viewer's own
        # pages are the browser's.
        if answer.url.startswith("http") and answer.headers.get("content-type") != "application/pdf":
            self.answers.append(answer)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self.complaints.append(message.text)

    def speak(self, language: str) -> None:
        """Choose a language, as the switch does."""
        self.context.add_cookies([{"name": "django_language", "value": language, "url": self.base}])

    def open(self, path: str) -> Page:
        """Open a page, and return the tab."""
        self.page.goto(path)
        return self.page

    def sign_in(self, email: str, password: str) -> Page:
        """Fill in the form of the sign-in page that is open, or open it first."""
        if "/accounts/login/" not in self.page.url:
            self.page.goto("/accounts/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("main form button[type=submit]").first.click()
        return self.page

    def close(self) -> None:
        """Go away."""
        self.context.close()
