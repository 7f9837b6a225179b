"""`manage.py scrub` on both storages."""

import json
import os
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.blobs.models import Blob
from apps.blobs.rules import wait_to_keep_rate
from apps.blobs.selectors import read_bytes
from apps.blobs.services import scrubbing, store_bytes
from apps.blobs.storage import Storage, Stored
from apps.core import clock

pytestmark = pytest.mark.django_db


def scrub(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code and what was said."""
    said = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("scrub", "--json", *arguments, stdout=said, stderr=said)
    return int(str(ended.value.code)), [json.loads(line) for line in said.getvalue().splitlines()]


@pytest.fixture
def papers(storage: Storage, now: datetime) -> list[Blob]:
    """Return some stored papers in the order of their digests."""
    stored = [store_bytes(f"paper {number}".encode(), now=now) for number in range(5)]
    return sorted(stored, key=lambda blob: blob.sha256)


def test_whole_papers_are_counted(papers: list[Blob]) -> None:
    code, said = scrub()

    assert code == 0
    assert said[0] == {"what": "scrubbed", "whole": 5, "missing": 0, "damaged": 0, "bytes": 35}
    assert said[-1] == {"what": "leftovers", "count": 0, "removed": 0, "bytes": 0}


def test_missing_and_damaged_papers_are_named(storage: Storage, papers: list[Blob]) -> None:
    storage.remove(storage.key_of(papers[1].sha256))
    storage.put(papers[3].sha256, BytesIO(b"paper X"), replace=True)

    code, said = scrub()

    assert code == 1
    assert said[:3] == [
        {"what": "missing", "sha256": papers[1].sha256, "size": 7},
        {"what": "damaged", "sha256": papers[3].sha256, "size": 7},
        {"what": "scrubbed", "whole": 3, "missing": 1, "damaged": 1, "bytes": 35},
    ]


def test_a_scrub_goes_on_where_it_was_interrupted(storage: Storage, papers: list[Blob]) -> None:
    storage.remove(storage.key_of(papers[1].sha256))

    code, said = scrub("--after", papers[1].sha256)

    assert code == 0
    assert said[0] == {"what": "scrubbed", "whole": 3, "missing": 0, "damaged": 0, "bytes": 21}


def test_a_storage_that_does_not_answer_stops_it_with_the_place_to_go_on(
    bucket: dict[str, Any], settings: Any, now: datetime
) -> None:
    store_bytes(b"a paper", now=now)
    settings.BLOB_BUCKET = {**bucket, "bucket": "away"}
    said = StringIO()

    with pytest.raises(SystemExit, match="3"):
        call_command("scrub", stderr=said)

    assert "The storage does not answer. Go on with: manage.py scrub --after" in said.getvalue()


def test_bytes_without_a_row_are_listed_after_a_day_and_removed_only_when_asked(settings: Any, now: datetime) -> None:
    blob = store_bytes(b"a paper", now=now)
    left = Path(settings.BLOB_DIR) / "ab" / "cd" / f".{'abcd' * 16}.0123"
    whole = left.with_name("abcd" * 16)
    left.parent.mkdir(parents=True)
    yesterday = (clock.now() - timedelta(days=1, minutes=1)).timestamp()
    for path in (left, whole):
        path.write_bytes(b"half")
        os.utime(path, (yesterday, yesterday))
    left.with_name("abcd" * 15 + "ffff").write_bytes(b"just now")

    code, said = scrub()
    assert code == 0
    assert sorted(line["key"] for line in said if line["what"] == "leftover") == sorted(
        f"ab/cd/{path.name}" for path in (left, whole)
    )
    assert left.exists()

    code, said = scrub("--remove-leftovers")
    assert said[-1] == {"what": "leftovers", "count": 2, "removed": 2, "bytes": 8}
    assert [path.name for path in left.parent.iterdir()] == ["abcd" * 15 + "ffff"]
    assert read_bytes(blob) == b"a paper"


def test_leftovers_of_both_storages_are_found(storage: Storage, now: datetime) -> None:
    storage.put("abcd" * 16, BytesIO(b"half"))

    found = list(scrubbing.find_leftovers(now=datetime.now(now.tzinfo) + timedelta(days=2000)))

    assert [(stored.digest, stored.size) for stored in found] == [("abcd" * 16, 4)]
    assert scrubbing.remove_leftover(found[0])
    assert not list(storage.list_all())


def test_a_leftover_whose_bytes_were_sent_meanwhile_stays(storage: Storage, now: datetime) -> None:
    blob = store_bytes(b"sent again", now=now)
    stored = Stored(storage.key_of(blob.sha256), blob.sha256, blob.size, now)

    assert not scrubbing.remove_leftover(stored)

    assert read_bytes(blob) == b"sent again"


@pytest.mark.parametrize(
    ("count", "seconds", "rate", "wait"),
    [(10_000_000, 1.0, 5_000_000, 1.0), (10_000_000, 3.0, 5_000_000, 0.0), (10_000_000, 0.0, 0, 0.0)],
)
def test_a_rate_is_kept_on_average(count: int, seconds: float, rate: int, wait: float) -> None:
    assert wait_to_keep_rate(count, seconds=seconds, bytes_a_second=rate) == wait
