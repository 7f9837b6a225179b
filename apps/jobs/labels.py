"""What the states of jobs are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from apps.jobs.rules import JobState

JOB_STATES: Final[Mapping[str, Promise]] = {
    JobState.DRAFT: pgettext_lazy("job", "choices to be made"),
    JobState.QUEUED: pgettext_lazy("job", "waiting"),
    JobState.RUNNING: pgettext_lazy("job", "running"),
    JobState.DONE: pgettext_lazy("job", "done"),
    JobState.FAILED: pgettext_lazy("job", "failed"),
    JobState.CANCELLED: pgettext_lazy("job", "cancelled"),
}
