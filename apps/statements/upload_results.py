"""What became of uploads, to be shown: each bank's file with its statements and findings."""

from typing import Final

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, QuerySet, Value, When

from apps.jobs.models import Job
from apps.statements.models import CodaFile, CodaFinding, Statement
from apps.statements.rules import CODA_UPLOAD, StatementState

UPLOADS_SHOWN: Final = 10
FILES_SHOWN: Final = 25
STATEMENTS_SHOWN: Final = 20
FINDINGS_SHOWN: Final = 10
_WANTING_A_LOOK_FIRST: Final = Case(
    *(
        When(state=state, then=Value(rank))
        for rank, state in enumerate((StatementState.HELD, StatementState.UNROUTED, StatementState.DUPLICATE))
    ),
    default=Value(3),
)


def list_uploads() -> QuerySet[Job]:
    """Return the newest uploads, each with `file_count`."""
    uploads = Job.objects.filter(kind=CODA_UPLOAD).annotate(file_count=Count("source_files"))
    return uploads.order_by("-id")[:UPLOADS_SHOWN]


def find_upload(pk: int) -> Job | None:
    """Return an upload's job."""
    return Job.objects.filter(pk=pk, kind=CODA_UPLOAD).first()


def count_files(job: Job) -> dict[str, int]:
    """Return how many of an upload's files stand in each state."""
    return _count_states(CodaFile.objects.filter(source_file__job=job))


def count_statements(job: Job) -> dict[str, int]:
    """Return how many statements of an upload's files stand in each state."""
    return _count_states(Statement.objects.filter(coda_file__source_file__job=job))


def list_files(
    *, job: Job, after: int, state: str = "", statement_state: str = ""
) -> tuple[list[CodaFile], int | None]:
    """Return an upload's files after an id, at most `FILES_SHOWN`, and the id after which the next are; four queries.

    `state` leaves the files in that state, `statement_state` those with a statement in that one. Each file brings
    `statement_count`; its first statements as `shown`, those that want a look first; and its own findings as `told`,
    as each of these statements does.
    """
    files = CodaFile.objects.filter(source_file__job=job, pk__gt=after)
    if state:
        files = files.filter(state=state)
    if statement_state:
        files = files.filter(Exists(Statement.objects.filter(coda_file=OuterRef("pk"), state=statement_state)))
    found = list(_with_results(files)[: FILES_SHOWN + 1])
    shown = found[:FILES_SHOWN]
    return shown, shown[-1].pk if len(found) > FILES_SHOWN else None


def _with_results(files: QuerySet[CodaFile]) -> QuerySet[CodaFile]:
    statements = Statement.objects.select_related("duplicate_of__coda_file").order_by(_WANTING_A_LOOK_FIRST, "position")
    findings = CodaFinding.objects.order_by("line", "column", "id")
    return (
        files.annotate(statement_count=Count("statements"))
        .order_by("pk")
        .prefetch_related(
            Prefetch("statements", statements[:STATEMENTS_SHOWN], to_attr="shown"),
            Prefetch("shown__findings", findings[:FINDINGS_SHOWN], to_attr="told"),
            Prefetch("findings", findings.filter(statement=None)[:FINDINGS_SHOWN], to_attr="told"),
        )
    )


def _count_states(rows: "QuerySet[CodaFile] | QuerySet[Statement]") -> dict[str, int]:
    return dict(rows.order_by("state").values_list("state").annotate(count=Count("id")))
