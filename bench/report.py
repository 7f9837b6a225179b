"""What was measured: one line per figure as it comes, a table at the end, and the page `bench/RESULTS.md`."""

import os
import platform
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

RESULTS: Final = Path(__file__).parent / "RESULTS.md"
_COLUMNS: Final = ("figure", "value", "baseline in the same run", "goal")
_INTRODUCTION: Final = """\
# Results of `make bench`

Written by `make bench`, a section a group; a run of one group leaves the other sections as they are. Every baseline is
measured in the same run as the figure beside it, in interleaved rounds (five, or three where a round takes over a
minute); a value is the median of its rounds, a ratio the median of the rounds' own ratios. Client, server and
PostgreSQL share the machine, so read the speeds as those of a machine under load and trust the ratios. The goals
are the project's own, the one for a poll against a call that only checks the login (`do-nothing`, a route that exists
only here) included.
"""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a number should be at most or at least."""

    operator: Literal["<=", ">="]
    number: float

    def verdict(self, value: float) -> str:
        """Return `goal OP NUMBER, met|missed`."""
        is_met = value <= self.number if self.operator == "<=" else value >= self.number
        return f"goal {self.operator} {self.number:g}, {'met' if is_met else 'missed'}"


@dataclass(slots=True)
class Report:
    """The figures of one group."""

    group: str
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def figure(self, name: str, value: float, unit: str, *, baseline: str = "", goal: Goal | None = None) -> None:
        """Keep and print a plain figure; its goal, if it has one, is shown in the table only."""
        print(f"{name}: {in_digits(value)} {unit}", flush=True)
        self.rows.append((name, f"{in_digits(value)} {unit}", baseline, goal.verdict(value) if goal else ""))

    def ratio(self, name: str, value: float, goal: Goal, *, baseline: str) -> None:
        """Keep and print a ratio to a baseline, with its goal."""
        print(f"{name} ratio: {value:.2f} ({goal.verdict(value)})", flush=True)
        self.rows.append((f"{name} ratio", f"{value:.2f}", baseline, goal.verdict(value)))

    def table(self) -> str:
        """Return the figures as a table that reads well as text and as Markdown."""
        lines = [_COLUMNS, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
        rule = tuple("-" * width for width in widths)
        return "\n".join(
            f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
            for line in (_COLUMNS, rule, *self.rows)
        )


def in_digits(value: float) -> str:
    """Write a number with as many decimals as it deserves."""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def write_results(report: Report, *, now: datetime, server: str) -> None:
    """Replace a group's section of the page and keep the others."""
    sections = _sections(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {server}"
    sections[report.group] = f"Run of {now:%Y-%m-%d %H:%M} UTC on {machine}.\n\n{report.table()}"
    body = "\n\n".join(f"## {group}\n\n{text}" for group, text in sorted(sections.items(), reverse=True))
    RESULTS.write_text(f"{_INTRODUCTION}\n{body}\n", encoding="utf-8")


def _sections(page: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)[1:]
    return {group: text.strip() for group, text in zip(parts[::2], parts[1::2], strict=True)}
