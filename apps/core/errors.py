"""The root of every anticipated failure.

A `DomainError` is a fact with a stable code and a sentence for a person. It is defined beside what raises it; the
API maps codes to statuses in one table. Anything else that is raised is a bug.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """An anticipated refusal: `code` never changes, `sentence` is shown to a person in their language."""

    code: str = "refused"
    sentence: str | Promise = _("This is not possible.")

    def __init__(self, **params: Any) -> None:
        super().__init__(params)
        self.params = params

    def __str__(self) -> str:
        return str(self.sentence) % self.params if self.params else str(self.sentence)


class NotFound(DomainError):
    """Nothing of that name exists for this caller; strangers get the same answer as for nothing at all."""

    code = "not_found"
    sentence = _("There is nothing here, or it is not yours to see.")


class IllegalTransition(DomainError):
    """A state machine was asked for a step that its table does not hold."""

    code = "illegal_transition"
    sentence = _("This cannot go from %(current)s to %(wanted)s.")
