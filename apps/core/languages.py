"""Which language the present reader has, and how Babel calls it."""

from typing import Final

from django.utils import translation

LOCALES: Final = {"nl": "nl_BE", "fr": "fr_BE", "en": "en_GB", "de": "de_BE"}
# Each in itself: whoever looks for a language finds it so.
LANGUAGE_NAMES: Final = {"nl": "Nederlands", "fr": "Français", "en": "English", "de": "Deutsch"}


def reader_language() -> str:
    """Return the language of the page or mail being written, one of the four; Dutch where none of them is set."""
    language = (translation.get_language() or "nl").partition("-")[0]
    return language if language in LOCALES else "nl"
