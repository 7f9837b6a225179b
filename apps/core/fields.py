"""Columns that hold a code, and say it in words where people read it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    # At run time Django's class is not generic.
    CharField = models.CharField


class CodeField(CharField):
    """One code of an enum. `words` says each in the reader's language: in the back-office's lists, filters and forms.

    The words stay out of migrations, which know this column as Django's own with its codes: to reword one changes no
    table.
    """

    def __init__(self, *arguments: Any, words: Mapping[Any, str | Promise] | None = None, **options: Any) -> None:
        if words is not None:
            options["choices"] = list(words.items())
        super().__init__(*arguments, **options)

    def deconstruct(self) -> Any:
        """Return what a migration keeps of it."""
        name, _path, arguments, options = super().deconstruct()
        options["choices"] = [(code, code) for code, _word in options["choices"]]
        return name, "django.db.models.CharField", arguments, options
