"""Files as they come in: kept as they are, then every bank's file in them imported, one after the other.

What kills the work leaves it to the next run, which goes on with the first file that was not finished.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.blobs.models import Blob
from apps.blobs.selectors import read_chunks
from apps.blobs.services import store_file
from apps.core import locks
from apps.core.errors import DomainError, NotFound
from apps.events import services as events
from apps.events.services import News
from apps.jobs.models import Job
from apps.statements.archives import Archive, ArchiveRefused, Kind, Member, recognise
from apps.statements.coda import Severity
from apps.statements.models import CodaFile, CodaFinding, SourceFile
from apps.statements.rules import CodaFileState, Source
from apps.statements.services.intake import import_coda_file

LONGEST_NAME: Final = 255
# Names of ignored files that are kept; an archive can hold thousands.
IGNORED_KEPT: Final = 100


class SourceFileBusy(DomainError):
    """Somebody else imports this file at this moment."""

    code = "source_file_busy"
    sentence = _("The file is being imported already.")


def receive_source_file(*, file: IO[bytes], name: str, source: Source, actor: str, now: datetime) -> SourceFile:
    """Keep a file, its bytes on disk first. The worker imports what a command left; others see to theirs themselves.

    :raises StorageUnavailable: when the bytes cannot be kept; nothing was.
    """
    return record_source_file(blob=store_file(file, now=now), name=name, source=source, actor=actor, now=now)


@transaction.atomic
def record_source_file(
    *, blob: Blob, name: str, source: Source, actor: str, now: datetime, job: Job | None = None
) -> SourceFile:
    """Take in a file whose bytes are kept already; see `receive_source_file`."""
    # A name of a disk may be no text; its bytes are the file's own affair.
    shown = name.encode("utf-8", "replace").decode()[-LONGEST_NAME:]
    received = SourceFile.objects.create(source=source, name=shown, blob=blob, job=job, received_at=now)
    news = News("source_file.received", received.uuid, is_quiet=source is not Source.COMMAND)
    events.record_many([news], actor=actor, now=now)
    return received


def import_source_file(
    *, source_file_uuid: UUID, read_clock: Callable[[], datetime], is_patient: bool = False
) -> SourceFile:
    """Import all that is in a file; one that is finished is returned as it is.

    :raises NotFound: when there is no such file.
    :raises SourceFileBusy: when somebody else does so; a patient caller waits for him instead.
    """
    with hold_source_file(source_file_uuid=source_file_uuid, is_patient=is_patient) as source_file:
        for _imported in import_next(source_file, read_clock):
            pass
        return source_file


@contextmanager
def hold_source_file(*, source_file_uuid: UUID, is_patient: bool = False) -> Iterator[SourceFile]:
    """Be the one who imports from a file while the block runs; whoever is killed leaves it to the next at once.

    :raises NotFound: when there is no such file.
    :raises SourceFileBusy: when somebody else imports from it; a patient caller waits instead.
    """
    source_file = SourceFile.objects.select_related("blob").filter(uuid=source_file_uuid).first()
    if source_file is None:
        raise NotFound
    with ExitStack() as stack:
        if is_patient:
            stack.enter_context(locks.hold(locks.SOURCE_FILES, source_file.pk))
        elif not stack.enter_context(locks.try_hold(locks.SOURCE_FILES, source_file.pk)):
            raise SourceFileBusy
        source_file.refresh_from_db(fields=["ignored", "finished_at"])
        yield source_file


def import_next(source_file: SourceFile, read_clock: Callable[[], datetime]) -> Generator[CodaFile, None, None]:
    """Import the files of a held one that are left, and give each; at the end the held one is finished."""
    if source_file.finished_at:
        return
    stored = {coda_file.place: coda_file for coda_file in source_file.coda_files.all()}
    with _spooled(source_file.blob) as stream:
        contents = _Contents(source_file, stream)
        for member in contents.members:
            coda_file = stored.get(member.place) or contents.take(member, read_clock())
            if coda_file.state == CodaFileState.RECEIVED:
                coda_file = import_coda_file(coda_file_uuid=coda_file.uuid, now=read_clock())
                yield coda_file
            elif member.place not in stored:
                yield coda_file
    _finish(source_file, contents.ignored, read_clock())


def count_members(file: IO[bytes], *, name: str) -> int:
    """Return how many CODA files a file will make; one that cannot be opened makes one, which says why."""
    if recognise(file) in {Kind.PLAIN, Kind.UNSUPPORTED}:
        return 1
    try:
        return len(Archive(file, name=name).members)
    except ArchiveRefused:
        return 1


class _Contents:
    """The files in a file: itself when it is no archive, or one that is not opened."""

    def __init__(self, source_file: SourceFile, stream: IO[bytes]) -> None:
        self._source_file = source_file
        self._archive: Archive | None = None
        self._refused: ArchiveRefused | None = None
        self.members: tuple[Member, ...] = (Member(0, ""),)
        self.ignored: tuple[str, ...] = ()
        if recognise(stream) is Kind.PLAIN:
            return
        try:
            self._archive = archive = Archive(stream, name=source_file.name)
        except ArchiveRefused as refused:
            self._refused = refused
        else:
            self.members, self.ignored = archive.members, archive.ignored

    def take(self, member: Member, now: datetime) -> CodaFile:
        """Make a CODA file of a member; one that is not unpacked is quarantined, with the bytes of its archive."""
        if self._refused:
            return _keep(self._source_file, member, self._source_file.blob, now, self._refused)
        if self._archive is None:
            return _keep(self._source_file, member, self._source_file.blob, now)
        with TemporaryFile() as unpacked:
            try:
                self._archive.unpack(member, unpacked)
            except ArchiveRefused as refused:
                return _keep(self._source_file, member, self._source_file.blob, now, refused)
            return _keep(self._source_file, member, store_file(unpacked, now=now), now)


@contextmanager
def _spooled(blob: Blob) -> Iterator[IO[bytes]]:
    with TemporaryFile() as stream:
        for chunk in read_chunks(blob):
            stream.write(chunk)
        stream.seek(0)
        yield stream


@transaction.atomic
def _keep(
    source_file: SourceFile, member: Member, blob: Blob, now: datetime, refused: ArchiveRefused | None = None
) -> CodaFile:
    state = CodaFileState.QUARANTINED if refused else CodaFileState.RECEIVED
    coda_file = CodaFile.objects.create(
        blob=blob,
        name=_name(source_file, member),
        state=state,
        source_file=source_file,
        place=member.place,
        received_at=now,
        finished_at=now if refused else None,
    )
    if refused:
        CodaFinding.objects.create(
            coda_file=coda_file, code=refused.code, severity=Severity.FATAL, line=1, column=1, message=str(refused)
        )
    news = News(f"coda_file.{state.value}", coda_file.uuid, is_quiet=True)
    events.record_many([news], actor="system", now=now)
    return coda_file


def _name(source_file: SourceFile, member: Member) -> str:
    """Return the archive's name with the member's, of which the end is kept where both are too long."""
    if not member.name:
        return source_file.name
    room = max(LONGEST_NAME - len(source_file.name) - 1, 50)
    return f"{source_file.name}/{member.name[-room:]}"[-LONGEST_NAME:]


def _finish(source_file: SourceFile, ignored: tuple[str, ...], now: datetime) -> None:
    source_file.ignored, source_file.finished_at = list(ignored[:IGNORED_KEPT]), now
    source_file.save(update_fields=["ignored", "finished_at"])
