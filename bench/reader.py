"""The CODA reader: how fast it reads with every integrity check on, and how much memory one large statement takes.

The baseline is a pass over the same bytes that decodes them, splits the lines and slices amount and date out of each
movement's first record: the least that any reader has to do.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from apps.statements.coda import read_coda
from bench.coda_files import make_file
from bench.report import Report
from bench.rounds import Rounds, Stopwatch, interleave

LARGE: Final = 100_000
SMALL_FILES: Final = 2_000
SMALL: Final = 20
_IBAN: Final = "BE68539007547034"
_HOLDER: Final = "0123456749"


def measure(report: Report) -> None:
    """Measure the reader on one large statement and on many small files."""
    large = [make_file(_IBAN, _HOLDER, number=1, movements=LARGE)]
    small = [make_file(_IBAN, _HOLDER, number=1 + n % 900, movements=SMALL) for n in range(SMALL_FILES)]
    rounds = interleave(
        {
            "large": lambda _: _time_reader(large, LARGE),
            "large, bare": lambda _: _time_bare_pass(large, LARGE),
            "small": lambda _: _time_reader(small, SMALL_FILES * SMALL),
            "small, bare": lambda _: _time_bare_pass(small, SMALL_FILES * SMALL),
        }
    )
    _report(report, rounds, "large", f"one statement of {LARGE} movements", LARGE)
    _report(report, rounds, "small", f"{SMALL_FILES} files of {SMALL} movements", SMALL_FILES * SMALL)
    before, peak = _measure_memory(large[0])
    size = f"{before:.0f} MB before the first record, the {len(large[0]) / 1e6:.0f} MB of the file included"
    report.figure(f"reader, peak memory for one statement of {LARGE} movements", peak, "MB", baseline=size)


def _report(report: Report, rounds: Rounds, step: str, what: str, movements: int) -> None:
    bare = f"{step}, bare"
    speed = movements / rounds.median(bare)
    report.figure(f"reader, {what}", movements / rounds.median(step), "movements/s")
    report.figure(f"bare split-and-slice pass, {what}", speed, "movements/s")
    report.figure(
        f"reader, {what}, time of the bare pass", rounds.ratio(step, bare), "times", baseline="split-and-slice pass"
    )


def _time_reader(files: Sequence[bytes], movements: int) -> float:
    with Stopwatch() as watch:
        found = 0
        for content in files:
            reader = read_coda(content)
            for statement in reader:
                found += len(statement.movements)
                assert not statement.held, statement.findings[:3]
    assert found == movements, found
    return watch.seconds


def _time_bare_pass(files: Sequence[bytes], movements: int) -> float:
    with Stopwatch() as watch:
        found = [
            (line[31:47], line[115:121])
            for content in files
            for line in content.decode("cp1252").splitlines()
            if line.startswith("21")
        ]
    assert len(found) == movements, len(found)
    return watch.seconds


def _measure_memory(content: bytes) -> tuple[float, float]:
    """Return the megabytes that a process of its own took before and at its peak."""
    with tempfile.NamedTemporaryFile(suffix=".cod") as file:
        file.write(content)
        file.flush()
        command = [sys.executable, "-m", "bench.reader_memory", file.name]
        said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent)
    before, peak = said.stdout.split()
    return int(before) / 1000, int(peak) / 1000
