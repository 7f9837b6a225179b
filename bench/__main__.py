"""`python -m bench [GROUP…]`: measure the groups named, or all of them."""

import logging
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

import django

from apps.core.collector import look_less_often
from bench.report import Report, write_results

GROUPS: Final = ("coda", "api", "registry", "portal", "invoices", "search", "reconciliation")
_WANTED: Final = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TOKEN_KEY")


def main(arguments: list[str]) -> int:
    """Measure; the exit code says whether it could be done, not whether the goals were met."""
    groups = arguments or list(GROUPS)
    if unknown := [group for group in groups if group not in GROUPS]:
        print(f"There is no group {', '.join(unknown)}: choose from {', '.join(GROUPS)}.", file=sys.stderr)
        return 2
    if missing := [name for name in _WANTED if name not in os.environ]:
        print(f"{', '.join(missing)}: not set. Start with `make bench`, which runs engines.", file=sys.stderr)
        return 2
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    logging.disable(logging.INFO)
    look_less_often()  # as a process of the worker does
    for group in groups:
        _run(group, import_module(f"bench.{group}").measure)
    return 0


def _run(group: str, measure: Callable[[Report], None]) -> None:
    # Both need settings, which stand only now.
    from apps.core import clock  # noqa: PLC0415
    from bench.databases import server_version  # noqa: PLC0415

    report = Report(group)
    measure(report)
    print(f"\n{report.table()}", flush=True)
    write_results(report, now=clock.now(), server=server_version())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
