"""States of long work."""

from enum import StrEnum
from typing import Final

# Under this name a rehearsal keeps which job did it for real.
FOR_REAL: Final = "for_real"


class JobState(StrEnum):
    """Where a job stands; a draft waits for a person's choices before it is queued."""

    DRAFT = "draft"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


JOB_TRANSITIONS: Final[dict[JobState, frozenset[JobState]]] = {
    JobState.DRAFT: frozenset({JobState.QUEUED, JobState.CANCELLED}),
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
