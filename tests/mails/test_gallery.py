"""The gallery, by which people look at every mail, has every mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test.signals import template_rendered

from tests.mails.gallery import LANGUAGES, Example, examples

SUBJECT = "-subject.txt"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
OURS = {path.name.removesuffix(SUBJECT) for path in (TEMPLATES / "emails").glob(f"*{SUBJECT}")}

pytestmark = pytest.mark.django_db


@contextmanager
def rendered() -> Iterator[set[str]]:
    names: set[str] = set()

    def note(template: Any, **_more: Any) -> None:
        names.add(str(template.name))

    template_rendered.connect(note)
    try:
        yield names
    finally:
        template_rendered.disconnect(note)


def written(language: str, now: datetime) -> list[tuple[Example, set[str]]]:
    found = []
    with rendered() as names:
        for example in examples(language, now):
            found.append((example, set(names)))
            names.clear()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_shows_every_mail_from_its_own_templates(now: datetime, language: str) -> None:
    mails = written(language, now)

    assert {example.name for example, _names in mails} == OURS
    for example, names in mails:
        assert f"emails/{example.name}{SUBJECT}" in names, example.state
    shown = [(example.name, example.state) for example, _names in mails]
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_has_both_parts_in_its_language(now: datetime, language: str) -> None:
    for example in examples(language, now):
        assert f'lang="{language}"' in example.html, example.name
        assert example.message.subject.strip(), example.name
        assert str(example.message.body).strip(), example.name
        assert "{{" not in example.html + str(example.message.body), example.name
