"""The inbox directory of bank files: waiting until a file is whole, importing it, laying it down with its report.

The row is the queue. Looking is done by one worker at a time, importing by as many as there are, each file by one.
"""

import errno
import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from apps.blobs.storage import StorageUnavailable
from apps.core import locks
from apps.core.clock import brussels_day
from apps.core.states import check_transition
from apps.events import services as events
from apps.events.services import News
from apps.statements.archives import MAX_MEMBER_BYTES
from apps.statements.inbox_folder import DONE, FAILED, READ_ONLY, UNREADABLE, FileChanged, InboxFolder, Sighting
from apps.statements.models import CodaFile, InboxFile, SourceFile
from apps.statements.reports import describe_file, list_coda_files, needs_somebody, with_report, write_text
from apps.statements.rules import INBOX_TRANSITIONS, InboxState, Source
from apps.statements.sentences import INBOX_TROUBLES
from apps.statements.services.sources import SourceFileBusy, import_source_file, receive_source_file

logger = logging.getLogger(__name__)

ACTOR: Final = "system:inbox"
# How long a file must stay as it was seen: less than two looks lie apart. An empty one may only have been begun.
QUIET: Final = timedelta(seconds=4)
QUIET_WHEN_EMPTY: Final = timedelta(seconds=60)
MAX_FILE_BYTES: Final = MAX_MEMBER_BYTES
TAKEN_AT_ONCE: Final = 500
# What a file may cost: so many workers that died over it, or failed at it.
MOST_ATTEMPTS: Final = 5
TOO_LARGE: Final = "inbox_too_large"
GAVE_UP: Final = "inbox_gave_up"
# Not the file's fault: everything waits, and nothing is counted against it.
_AWAY: Final = (StorageUnavailable, OperationalError, OSError)
_REFUSED: Final = (errno.EACCES, errno.EPERM, errno.ELOOP)


def look_into_inbox(*, folder: InboxFolder, now: datetime) -> None:
    """Note what lies in the directory, and take what was seen unchanged; nothing when another worker looks.

    :raises OSError: when the directory cannot be read.
    """
    with locks.try_hold(locks.INBOX, 0) as is_mine:
        if is_mine:
            _look(folder, now)


def import_from_inbox(*, folder: InboxFolder, read_clock: Callable[[], datetime], until: datetime | None = None) -> int:
    """Import the taken files, oldest first, leaving those that others work on; returns how many were finished.

    :raises StorageUnavailable: when the bytes cannot be kept; the files stay taken.
    :raises OSError: when the directory cannot be written; likewise.
    """
    finished = 0
    taken = InboxFile.objects.filter(state=InboxState.TAKEN).order_by("modified_ns", "id")
    for pk in taken.values_list("pk", flat=True)[: 10 * TAKEN_AT_ONCE]:
        if until and read_clock() >= until:
            break
        with locks.try_hold(locks.INBOX, pk) as is_mine:
            file = taken.filter(pk=pk).select_related("source_file").first() if is_mine else None
            if file:
                finished += _work_on(folder, file, read_clock)
    return finished


def _look(folder: InboxFolder, now: datetime) -> None:
    waiting = {file.name: file for file in InboxFile.objects.filter(state=InboxState.WAITING)}
    # Moved, and killed before it was written down: the other name that may lie there now waits for the next look.
    moved = folder.list_taken()
    taken = [file for file in waiting.values() if str(file.uuid) in moved]
    for file in taken:
        del waiting[file.name]
    former = {file.name for file in taken}
    seen = {sighting.name: sighting for sighting in folder.look() if sighting.name not in former}
    _move(taken, InboxState.TAKEN, now)
    _move([file for name, file in waiting.items() if name not in seen], InboxState.GONE, now)
    InboxFile.objects.bulk_create(
        InboxFile(name=s.name[:255], size=s.size, modified_ns=s.modified_ns, trouble=s.trouble, seen_at=now)
        for s in seen.values()
        if s.name not in waiting
    )
    known = [(waiting[name], sighting) for name, sighting in seen.items() if name in waiting]
    _note_changes([pair for pair in known if _has_changed(*pair)], now)
    _take([pair for pair in known if not _has_changed(*pair) and _is_quiet(pair[0], now)], folder, now)


def _has_changed(file: InboxFile, sighting: Sighting) -> bool:
    return (file.size, file.modified_ns) != (sighting.size, sighting.modified_ns)


def _is_quiet(file: InboxFile, now: datetime) -> bool:
    return now - file.seen_at >= (QUIET if file.size else QUIET_WHEN_EMPTY)


def _note_changes(changed: Sequence[tuple[InboxFile, Sighting]], now: datetime) -> None:
    for file, sighting in changed:
        file.size, file.modified_ns, file.seen_at = sighting.size, sighting.modified_ns, now
        file.trouble = sighting.trouble
    InboxFile.objects.bulk_update([file for file, _seen in changed], ["size", "modified_ns", "seen_at", "trouble"])


def _take(ready: Sequence[tuple[InboxFile, Sighting]], folder: InboxFolder, now: datetime) -> None:
    """Take the oldest of the files that are whole; what cannot be taken says why, and is tried again."""
    taken: list[InboxFile] = []
    troubled: list[InboxFile] = []
    for file, sighting in sorted(ready, key=lambda pair: (pair[0].modified_ns, pair[0].pk)):
        if len(taken) == TAKEN_AT_ONCE:
            break
        try:
            trouble = sighting.trouble or folder.find_trouble(sighting)
            if not trouble and not folder.take(sighting, file.uuid):
                trouble = READ_ONLY
        except FileNotFoundError:
            continue
        if not trouble:
            taken.append(file)
        if trouble != file.trouble:
            file.trouble = trouble
            troubled.append(file)
    InboxFile.objects.bulk_update(troubled, ["trouble"])
    _move(taken, InboxState.TAKEN, now)


@transaction.atomic
def _move(files: Sequence[InboxFile], state: InboxState, now: datetime) -> None:
    """Move the waiting among files on, and record it."""
    locked = InboxFile.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    moved = list(locked.filter(pk__in=[file.pk for file in files]))
    for file in moved:
        check_transition(INBOX_TRANSITIONS, InboxState(file.state), state)
        file.state, file.finished_at = state, now if state is InboxState.GONE else None
    InboxFile.objects.bulk_update(moved, ["state", "finished_at"])
    news = [News(f"inbox_file.{state.value}", file.uuid, is_quiet=True) for file in moved]
    events.record_many(news, actor=ACTOR, now=now)


def _work_on(folder: InboxFolder, file: InboxFile, read_clock: Callable[[], datetime]) -> bool:
    """Import a taken file and lay it down; returns whether that came to its end."""
    is_imported = file.source_file is not None and file.source_file.finished_at is not None
    if not is_imported and file.attempts >= MOST_ATTEMPTS:
        file.trouble = GAVE_UP
    elif not is_imported and not _import(folder, file, read_clock):
        return False
    _lay_down(folder, file, read_clock())
    return True


def _import(folder: InboxFolder, file: InboxFile, read_clock: Callable[[], datetime]) -> bool:
    """Import a taken file; returns whether it can be laid down."""
    attempts = InboxFile.objects.filter(pk=file.pk)
    # Before, so that a worker which dies over it has counted.
    attempts.update(attempts=F("attempts") + 1)
    is_over = False
    try:
        is_over = file.source_file is not None or _receive(folder, file, read_clock())
        if file.source_file:
            file.source_file = import_source_file(source_file_uuid=file.source_file.uuid, read_clock=read_clock)
    except _AWAY:
        attempts.update(attempts=0)
        raise
    except SourceFileBusy:
        is_over = False
    except Exception:
        logger.exception("Importing %s from the inbox failed.", file.name)
        return False
    if not is_over:
        attempts.update(attempts=0)
    return is_over


def _receive(folder: InboxFolder, file: InboxFile, now: datetime) -> bool:
    """Keep the bytes of a taken file; returns false when it changed meanwhile, or somebody took it away."""
    if file.size > MAX_FILE_BYTES:
        file.trouble = TOO_LARGE
        return True
    seen = folder.open_unchanged(file.uuid, size=file.size, modified_ns=file.modified_ns)
    try:
        with transaction.atomic(), seen as stream:
            received = receive_source_file(file=stream, name=file.name, source=Source.INBOX, actor=ACTOR, now=now)
            InboxFile.objects.filter(pk=file.pk).update(source_file=received)
    except FileChanged:
        _look_again(folder, file, now)
        return False
    except FileNotFoundError:
        _end(file, InboxState.GONE, now)
        return False
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        file.trouble = UNREADABLE
        return True
    file.source_file = received
    return True


def _look_again(folder: InboxFolder, file: InboxFile, now: datetime) -> None:
    found = folder.taken_path(file.uuid).lstat()
    file.size, file.modified_ns, file.seen_at = found.st_size, found.st_mtime_ns, now
    file.save(update_fields=["size", "modified_ns", "seen_at"])


def _lay_down(folder: InboxFolder, file: InboxFile, now: datetime) -> None:
    objects, texts, is_failed = _write_reports(file)
    if not file.place:
        _reserve_place(folder, file, FAILED if is_failed else DONE, now)
    reports = {".txt": texts} | ({".json": objects} if objects else {})
    folder.lay_down(file.uuid, file.place, reports)
    _end(file, InboxState.FAILED if is_failed else InboxState.DONE, now)


def _write_reports(file: InboxFile) -> tuple[str, str, bool]:
    """Return a file's report as data and as text in the language of the service, and whether somebody must act."""
    objects: list[str] = []
    texts: list[str] = []
    is_failed = bool(file.trouble)
    with translation.override(settings.LANGUAGE_CODE):
        if known := INBOX_TROUBLES.get(file.trouble):
            what_to_do = _("What to do")
            texts.append(f"{file.name}: {known.text}\n{what_to_do}: {known.remedy}\n")
        for coda_file in with_report(_coda_files(file.source_file)).iterator(chunk_size=100):
            objects.append(json.dumps(describe_file(coda_file, file=coda_file.name)) + "\n")
            texts.append(write_text(coda_file))
            is_failed = is_failed or needs_somebody(coda_file)
        if file.source_file and file.source_file.ignored:
            ignored = _("Ignored, as they are no files of a bank")
            texts.append(f"{ignored}: {', '.join(file.source_file.ignored)}\n")
    return "".join(objects), "\n".join(texts), is_failed


def _coda_files(source_file: SourceFile | None) -> QuerySet[CodaFile]:
    return list_coda_files(source_file) if source_file else CodaFile.objects.none()


def _reserve_place(folder: InboxFolder, file: InboxFile, name: str, now: datetime) -> None:
    """Choose where the file goes, before anything lies there: whoever goes on after a kill lays it down there."""
    for place in folder.name_places(file.name, folder=name, day=brussels_day(now).isoformat()):
        if not folder.is_free(place):
            continue
        try:
            with transaction.atomic():
                InboxFile.objects.filter(pk=file.pk).update(place=place)
        except IntegrityError:
            continue
        file.place = place
        return


@transaction.atomic
def _end(file: InboxFile, state: InboxState, now: datetime) -> None:
    locked = InboxFile.objects.select_for_update(of=("self",), no_key=True).get(pk=file.pk)
    check_transition(INBOX_TRANSITIONS, InboxState(locked.state), state)
    locked.state, locked.finished_at, locked.trouble = state, now, file.trouble
    locked.save(update_fields=["state", "finished_at", "trouble"])
    events.record(f"inbox_file.{state.value}", subject_uuid=locked.uuid, actor=ACTOR, now=now)
