"""A browser, a running service with something on every page, and the people who look at it."""

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.utils.translation import gettext, override, pgettext
from playwright.sync_api import Browser, sync_playwright

from tests.browser.gallery import Gallery
from tests.browser.people import Person, find_chromium, gallery_of, start_chromium
from tests.journeys.instances import Instance, running_instance
from tests.support.databases import database_of_a_service


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Return a browser; without one the tests are left out, unless the run must have it.

    It ends with these tests, since its driver's event loop runs in this thread: others want one of their own.
    """
    path = find_chromium()
    if path is None:
        if os.environ.get("BROWSER_REQUIRED") == "1":
            pytest.fail("There is no Chromium: install Debian's package `chromium`, or name it in CHROMIUM.")
        pytest.skip("no Chromium here; .ci/run installs Debian's package `chromium`")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Where an event loop runs, Django refuses its database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = start_chromium(playwright, path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Instance]:
    """Return a service on a database of its own on the given servers, so that journeys beside it disturb nobody."""
    # The last of sixteen: the first is the journeys', and the processes of the run have those after it.
    redis = {"REDIS_URL": urlsplit(os.environ["REDIS_URL"])._replace(path="/15").geturl()}
    with (
        database_of_a_service("browser") as addresses,
        running_instance(tmp_path_factory.mktemp("browser") / "data", variables=addresses | redis) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def gallery(instance: Instance) -> Gallery:
    """Return a world in which every page has something to show."""
    return gallery_of(instance.environment)


@pytest.fixture(scope="package")
def viewers(chromium: Browser, instance: Instance, gallery: Gallery) -> Iterator[dict[str, Person]]:
    """Return who looks at pages, each with a tab of their own; `visitor` is nobody in particular."""
    people = {
        name: Person(chromium, instance.base, session=session)
        for name, session in {"visitor": "", **gallery.sessions}.items()
    }
    yield people
    for person in people.values():
        person.close()


@pytest.fixture
def someone(chromium: Browser, instance: Instance, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Return somebody who never was here, with a browser in the language of the test (`language`)."""
    person = Person(chromium, instance.base, language=request.getfixturevalue("language"))
    yield person
    person.close()


@pytest.fixture(params=["nl", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    """Return the language in which a story is told."""
    return str(request.param)


@pytest.fixture
def say(language: str) -> Callable[..., str]:
    """Return what translates a sentence, with its facts, as the pages do."""

    def translate(sentence: str, context: str = "", **facts: object) -> str:
        with override(language):
            return (pgettext(context, sentence) if context else gettext(sentence)) % facts

    return translate


@pytest.fixture
def story(gallery: Gallery, language: str) -> dict[str, str]:
    """Return who takes part."""
    return gallery.journeys[language]
