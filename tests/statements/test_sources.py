"""Files as they come in: archives become CODA files, and whoever goes on after a kill doubles nothing."""

import gzip
import io
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import pytest
from django.db import connection

from apps.blobs.selectors import read_bytes
from apps.companies.models import BankAccount
from apps.events.models import Event
from apps.statements.models import CodaFile, Movement, SourceFile, Statement
from apps.statements.rules import Source
from apps.statements.services.sources import (
    SourceFileBusy,
    count_members,
    hold_source_file,
    import_next,
    import_source_file,
    receive_source_file,
)
from tests.factories import registry
from tests.factories.wire import credit, make_coda

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(now: datetime) -> BankAccount:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def receive(content: bytes, now: datetime, name: str = "week.zip", source: Source = Source.COMMAND) -> SourceFile:
    return receive_source_file(file=io.BytesIO(content), name=name, source=source, actor="test", now=now)


def states(source_file: SourceFile) -> dict[str, str]:
    return dict(source_file.coda_files.order_by("place").values_list("name", "state"))


def test_the_files_of_an_archive_become_coda_files_and_the_archive_is_kept(now: datetime, account: BankAccount) -> None:
    first, second = (make_coda(account.iban, credit(f"{n}.00"), number=n) for n in (1, 2))
    content = zipped({"mon/a.cod": first, "b.txt": b"hello", "tue/a.cod": second, ".DS_Store": b"x"})
    received = receive(content, now)

    imported = import_source_file(source_file_uuid=received.uuid, read_clock=lambda: now)

    assert states(imported) == {
        "week.zip/mon/a.cod": "imported",
        "week.zip/b.txt": "quarantined",
        "week.zip/tue/a.cod": "imported",
    }
    assert (imported.finished_at, imported.ignored) == (now, [".DS_Store"])
    assert read_bytes(imported.blob) == content
    assert read_bytes(imported.coda_files.get(place=0).blob) == first
    assert Movement.objects.count() == 2


def test_a_gzip_is_imported_and_a_plain_file_is_itself(now: datetime, account: BankAccount) -> None:
    content = make_coda(account.iban, credit("5.00"))
    packed, plain = receive(gzip.compress(content), now, "a.cod.gz"), receive(content, now, "a.cod")

    for received in (packed, plain):
        import_source_file(source_file_uuid=received.uuid, read_clock=lambda: now)

    assert states(packed) == {"a.cod.gz/a.cod": "imported"}
    assert states(plain) == {"a.cod": "duplicate"}
    assert plain.coda_files.get().blob == plain.blob


def test_what_cannot_be_unpacked_is_quarantined_with_its_code_and_the_bytes_it_came_in(
    now: datetime, account: BankAccount
) -> None:
    good = make_coda(account.iban, credit("5.00"))
    whole, partly = receive(b"PK\x03\x04 broken", now), receive(zipped({"../a.cod": good, "b.cod": good}), now)

    for received in (whole, partly):
        import_source_file(source_file_uuid=received.uuid, read_clock=lambda: now)

    assert states(whole) == {"week.zip": "quarantined"}
    assert states(partly) == {"week.zip/../a.cod": "quarantined", "week.zip/b.cod": "imported"}
    refused = partly.coda_files.get(place=0)
    assert refused.findings.get().code == "archive_unsafe_member"
    assert refused.blob == partly.blob
    assert whole.coda_files.get().findings.get().code == "archive_damaged"
    assert count_members(io.BytesIO(b"PK\x03\x04 broken"), name="a") == 1


def test_a_killed_import_goes_on_and_doubles_nothing(now: datetime, account: BankAccount) -> None:
    files = {f"{n}.cod": make_coda(account.iban, credit(f"{n}.00"), number=n) for n in range(1, 5)}
    received = receive(zipped(files), now)
    with hold_source_file(source_file_uuid=received.uuid) as source_file:
        begun = import_next(source_file, lambda: now)
        next(begun)
        begun.close()
    half = received.coda_files.get()
    # As killed between keeping the next file and importing it.
    CodaFile.objects.create(
        blob=half.blob, name="week.zip/2.cod", state="received", source_file=received, place=1, received_at=now
    )

    for _attempt in range(2):
        import_source_file(source_file_uuid=received.uuid, read_clock=lambda: now)

    assert list(received.coda_files.order_by("place").values_list("place", flat=True)) == [0, 1, 2, 3]
    assert Statement.objects.filter(state="imported").count() == 3
    assert not CodaFile.objects.filter(state="received").exists()


def test_what_a_killed_command_left_the_worker_imports(
    now: datetime, account: BankAccount, run_reactions: Callable[[], int]
) -> None:
    left = receive(make_coda(account.iban, credit("5.00")), now)
    receive(b"seen to by whoever uploads", now, source=Source.UPLOAD)

    run_reactions()

    assert states(left) == {"week.zip": "imported"}
    assert CodaFile.objects.count() == 1
    assert Event.objects.filter(name="source_file.received").count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_import_a_file_once(now: datetime, account: BankAccount) -> None:
    files = {f"{n}.cod": make_coda(account.iban, credit(f"{n}.00"), number=n) for n in range(1, 9)}
    received = receive(zipped(files), now)

    def attempt(number: int) -> None:
        with suppress(SourceFileBusy):
            import_source_file(source_file_uuid=received.uuid, read_clock=lambda: now, is_patient=number == 0)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(attempt, range(4)))

    assert Movement.objects.count() == received.coda_files.filter(state="imported").count() == 8
