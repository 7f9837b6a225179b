"""The CODA reader against other public ones: the same files in the same run, each reader in its own environment.

Ours runs with every integrity check on. Seconds are the processor's, taken inside the reader's process, so that
starting it does not count.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

from apps.statements.coda.generator import Recipe, make_file
from bench.peers import FOLDER, NAMES, python_of
from bench.report import Goal, Report
from bench.rounds import Rounds, interleave

LARGE: Final = 100_000
SMALL_FILES: Final = 2_000
SMALL: Final = 20
FEW_STATEMENTS, MANY_STATEMENTS = 100, 10_000
_OURS: Final = "ours"
# It takes half a minute for the large file: one round says enough.
_SLOW: Final = "codapy"
_ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Run:
    """What one reader did with one folder of files."""

    movements: int
    seconds: float
    peak: int


def measure(report: Report) -> None:
    """Measure speed on one large statement and on many small files, and the peak memory."""
    pythons = {_OURS: sys.executable, **{name: python_of(name) for name in NAMES}}
    with tempfile.TemporaryDirectory(prefix="bench-coda-") as folder:
        large, small = Path(folder) / "large", Path(folder) / "small"
        _make(large, [Recipe(movements=LARGE)])
        _make(small, [Recipe(movements=SMALL, seed=n, first_number=1 + n % 900) for n in range(SMALL_FILES)])
        peaks = _race(report, pythons, large, f"one statement of {LARGE} movements", LARGE)
        _race(report, pythons, small, f"{SMALL_FILES} files of {SMALL} movements", SMALL_FILES * SMALL)
        _report_memory(report, peaks)
        _report_flatness(report, pythons[_OURS], Path(folder))


def _make(folder: Path, recipes: list[Recipe]) -> None:
    folder.mkdir()
    for number, recipe in enumerate(recipes):
        with (folder / f"{number:04d}.cod").open("wb") as file:
            file.writelines(make_file(recipe))


def _race(report: Report, pythons: dict[str, str], folder: Path, what: str, movements: int) -> dict[str, int]:
    """Read the files with every reader in turn; return each one's peak memory in kB."""
    peaks: dict[str, int] = {}

    def step(name: str) -> Callable[[int], float]:
        rounds = count()

        def run(_round: int) -> float:
            if name == _SLOW and next(rounds):
                return float("nan")
            done = _run(pythons[name], name, folder)
            assert done.movements == movements, (name, done)
            peaks[name] = max(peaks.get(name, 0), done.peak)
            return done.seconds

        return run

    rounds = interleave({name: step(name) for name in pythons})
    _report_speed(report, rounds, what, movements)
    return peaks


def _report_speed(report: Report, rounds: Rounds, what: str, movements: int) -> None:
    medians = {name: median(value for value in taken if value == value) for name, taken in rounds.seconds.items()}
    for name, seconds in medians.items():
        report.figure(f"{name.replace('_', '-')}, {what}", movements / seconds, "movements/s")
    fastest = min((name for name in medians if name != _OURS), key=medians.__getitem__)
    baseline = f"{fastest.replace('_', '-')}: {movements / medians[fastest]:.0f} movements/s"
    ratio = rounds.ratio(fastest, _OURS)
    report.ratio(f"reader vs the fastest other, speed, {what}", ratio, Goal(">=", 2.5), baseline=baseline)


def _run(python: str, name: str, folder: Path) -> Run:
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)} if name == _OURS else None
    command = [python, str(FOLDER / "drive.py"), name, str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    movements, seconds, peak = said.stdout.split()
    return Run(int(movements), float(seconds), int(peak))


def _report_memory(report: Report, peaks: dict[str, int]) -> None:
    for name, peak in peaks.items():
        report.figure(f"{name.replace('_', '-')}, peak memory, one statement of {LARGE} movements", peak / 1000, "MB")
    report.ratio(
        "peak memory vs febelfin-coda",
        peaks[_OURS] / peaks["febelfin_coda"],
        Goal("<=", 1.0),
        baseline=f"{peaks['febelfin_coda'] / 1000:.0f} MB",
    )


def _report_flatness(report: Report, python: str, folder: Path) -> None:
    peaks = {}
    for statements in (FEW_STATEMENTS, MANY_STATEMENTS):
        _make(folder / str(statements), [Recipe(statements=statements, movements=SMALL // 2)])
        peaks[statements] = _run(python, _OURS, folder / str(statements)).peak
    report.ratio(
        f"peak memory for {MANY_STATEMENTS} vs {FEW_STATEMENTS} statements",
        peaks[MANY_STATEMENTS] / peaks[FEW_STATEMENTS],
        Goal("<=", 1.1),
        baseline=f"{peaks[FEW_STATEMENTS] / 1000:.0f} MB",
    )
