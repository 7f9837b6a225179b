"""Findings speak the reader's language, each with a remedy and who acts."""

import pytest
from django.utils import translation

from apps.statements import archives
from apps.statements.coda.findings import SEVERITIES as SEVERITY_OF_CODES
from apps.statements.sentences import (
    SENTENCES,
    actor_of,
    remedy_of,
    sentence_of,
)


def test_every_code_has_a_sentence_and_no_other() -> None:
    assert set(SENTENCES) == {*SEVERITY_OF_CODES, *archives.CODES}


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_every_sentence_is_translated(language: str) -> None:
    def said() -> list[str]:
        return [say(code) for code in SENTENCES for say in (sentence_of, remedy_of, actor_of)]

    with translation.override("en"):
        english = said()
    with translation.override(language):
        translated = said()

    assert not [text for text, original in zip(translated, english, strict=True) if not text or text == original]


def test_a_code_of_a_later_release_says_what_was_stored() -> None:
    assert (sentence_of("new_code", "As stored."), remedy_of("new_code"), actor_of("new_code")) == (
        "As stored.",
        "",
        "",
    )
