"""Pages of a list over few rows and over many, asked for as a browser would and compared."""

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Final

from django.test import Client

from bench.report import Goal, Report
from bench.rounds import interleave

_REQUESTS: Final = 5
ROWS: Final = 50


def check(browser: Client, pages: Mapping[int, Mapping[str, str]], *, rows: int = ROWS) -> None:
    """Want every page full in every size, or the ratio would compare how much is drawn."""
    for size, of_size in pages.items():
        for name, path in of_size.items():
            answer = browser.get(path)
            drawn = answer.content.decode().count('class="s3')
            assert (answer.status_code, drawn) == (200, rows), (size, name, answer.status_code, drawn)


def compare(report: Report, place: str, browser: Client, pages: Mapping[int, Mapping[str, str]], goal: Goal) -> None:
    """Measure each page over both sizes, addresses by size and name, in interleaved rounds."""
    small, large = sorted(pages)
    # Both sizes of a page one right after the other: a slow moment touches both.
    steps = {f"{name} {size}": _timed(browser, pages[size][name]) for name in pages[large] for size in (small, large)}
    rounds = interleave(steps)
    for name in pages[large]:
        milliseconds = {size: 1000 * rounds.median(f"{name} {size}") for size in (small, large)}
        report.ratio(
            f"{place}, {name}, {large} rows vs {small}",
            rounds.ratio(f"{name} {large}", f"{name} {small}"),
            goal,
            baseline=f"{milliseconds[large]:.0f} ms vs {milliseconds[small]:.0f} ms",
        )


def _timed(browser: Client, path: str) -> Callable[[int], float]:
    def step(_number: int) -> float:
        seconds = []
        for _ in range(_REQUESTS):
            started = time.perf_counter()
            browser.get(path)
            seconds.append(time.perf_counter() - started)
        return median(seconds)

    return step
