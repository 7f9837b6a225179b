"""Launchers on folders of their own, ended with the test."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.launching import Launcher


@pytest.fixture
def start() -> Iterator[Callable[..., Launcher]]:
    """Start launchers that end with the test."""
    started: list[Launcher] = []

    def begin(*arguments: object, **options: object) -> Launcher:
        launcher = Launcher(*arguments, **options)  # type: ignore[arg-type]
        started.append(launcher)
        return launcher

    yield begin
    for launcher in started:
        launcher.clean_up()


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that every user can pass, as a checkout usually is; pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="codabox-test-")).resolve()
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def as_root() -> None:
    """Skip where the test is about root."""
    if os.geteuid() != 0:
        pytest.skip("only root hands the engines to another user")
