"""What the tests of a module begin with, made once.

The rows are in a transaction around all these tests, and each undoes no more than what it did itself. The files that
the rows name are copied for each.
"""

import copy
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from tests.conftest import NOW

T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """Something that was made, and the folder in which its files are."""

    made: T
    blobs: Path

    def give(self, blobs: Path) -> T:
        """Return it as it was made, with its files in the folder of one test."""
        if self.blobs.exists():
            shutil.copytree(self.blobs, blobs)
        return copy.deepcopy(self.made)


Keep = Callable[[Callable[[], T]], Kept[T]]


@pytest.fixture(scope="module")
def keep(
    django_db_setup: None, django_db_blocker: Any, tasks: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Keep[Any]]:
    """Return a function that makes what the tests of a module begin with."""
    blobs, around = tmp_path_factory.mktemp("kept") / "blobs", transaction.atomic()

    def make(build: Callable[[], T]) -> Kept[T]:
        with django_db_blocker.unblock(), time_machine.travel(NOW, tick=True), override_settings(BLOB_DIR=blobs):
            return Kept(build(), blobs)

    with django_db_blocker.unblock():
        around.__enter__()
    yield make
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of a module that begin with kept rows come after its others, which must not see them."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        places.setdefault(item.nodeid.partition("::")[0], []).append(place)
    for of_module in places.values():
        sorted_items = sorted((items[place] for place in of_module), key=_begins_with_kept_rows)
        for place, item in zip(of_module, sorted_items, strict=True):
            items[place] = item


def _begins_with_kept_rows(item: pytest.Item) -> bool:
    begins = keep.__name__ in getattr(item, "fixturenames", ())
    marker = item.get_closest_marker("django_db")
    if begins and marker and marker.kwargs.get("transaction"):
        raise pytest.UsageError(f"{item.nodeid} commits, so it cannot begin with rows that are kept for others.")
    return begins
