"""Receiving a bank's file and importing it statement by statement.

Each statement is one transaction of its own: whatever kills the import, what was stored stays stored, and running
it again goes on with the next statement.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.blobs.selectors import open_bytes
from apps.blobs.services import store_bytes
from apps.core import locks
from apps.core.errors import NotFound
from apps.core.states import check_transition
from apps.events import services as events
from apps.statements import coda
from apps.statements.models import CodaFile
from apps.statements.rules import CODA_FILE_TRANSITIONS, CodaFileState, StatementState, file_state
from apps.statements.services.storing import keep_findings, store_statement


def receive_coda_file(*, content: bytes, name: str, actor: str, now: datetime) -> CodaFile:
    """Keep a bank's file, its bytes on disk first; the worker imports it, unless the caller does so first."""
    blob = store_bytes(content, now=now)
    with transaction.atomic():
        coda_file = CodaFile.objects.create(blob=blob, name=name[-255:], state=CodaFileState.RECEIVED, received_at=now)
        events.record("coda_file.received", subject_uuid=coda_file.uuid, actor=actor, now=now)
    return coda_file


def import_coda_file(*, coda_file_uuid: UUID, now: datetime) -> CodaFile:
    """Import a received file; one that is finished already is returned as it is.

    Waits for whoever imports the same bytes at this moment, so that of two equal files one has everything already.
    What an earlier try stored is skipped. Memory holds one statement.

    :raises NotFound: when there is no such file.
    :raises BlobDamaged: when its bytes are not what was received; nothing of them is read.
    """
    blob_id = CodaFile.objects.filter(uuid=coda_file_uuid).values_list("blob", flat=True).first()
    if blob_id is None:
        raise NotFound
    with locks.hold(locks.CODA_FILES, blob_id):
        coda_file = CodaFile.objects.select_related("blob").get(uuid=coda_file_uuid)
        if coda_file.state != CodaFileState.RECEIVED:
            return coda_file
        with open_bytes(coda_file.blob) as stream:
            reader = coda.read_coda(stream)
            states = _store_statements(coda_file, reader, now)
        state = file_state(states, is_quarantined=reader.quarantined)
        return _finish(coda_file, state, reader.findings, now)


def import_coda_files(*, coda_file_uuids: Collection[UUID], now: datetime) -> None:
    """Import several received files, one after the other."""
    for coda_file_uuid in coda_file_uuids:
        import_coda_file(coda_file_uuid=coda_file_uuid, now=now)


def _store_statements(coda_file: CodaFile, reader: coda.CodaFile, now: datetime) -> list[StatementState]:
    stored = dict(coda_file.statements.values_list("position", "state"))
    return [
        StatementState(stored[position])
        if position in stored
        else store_statement(coda_file=coda_file, position=position, read=read, now=now)
        for position, read in enumerate(reader, start=1)
    ]


@transaction.atomic
def _finish(coda_file: CodaFile, state: CodaFileState, findings: list[coda.Finding], now: datetime) -> CodaFile:
    """End a file that the caller holds."""
    check_transition(CODA_FILE_TRANSITIONS, CodaFileState(coda_file.state), state)
    keep_findings(coda_file, None, findings)
    coda_file.state, coda_file.finished_at = state, now
    coda_file.save(update_fields=["state", "finished_at"])
    events.record(f"coda_file.{state.value}", subject_uuid=coda_file.uuid, actor="system", now=now)
    return coda_file
