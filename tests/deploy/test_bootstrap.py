import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.launching import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone whose locks name no package: nothing is downloaded."""
    (tmp_path / "deploy" / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "bootstrap.py", tmp_path / "deploy")
    for name in ("run", "dev"):
        (tmp_path / "deploy" / "requirements" / f"{name}.lock").write_text(f"# {name}\n")
    return tmp_path


def _build(checkout: Path, kind: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "deploy/bootstrap.py", kind]
    return subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _finish(*builds: "subprocess.Popen[str]") -> Iterator[str]:
    for build in builds:
        with build:
            said, _ = build.communicate(timeout=240)
            assert build.returncode == 0, said
            yield said


def test_two_builds_at_once_both_succeed_where_an_earlier_one_was_killed(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".unfinished").touch()
    (checkout / ".venv" / "half-installed").touch()

    both = "".join(_finish(_build(checkout, "run"), _build(checkout, "dev")))

    assert both.count("Creating .venv") == 1
    assert "waiting for it" in both
    assert (checkout / ".venv" / "bin" / "python").exists()
    assert not (checkout / ".venv" / "half-installed").exists()
    for kind in ("run", "dev"):
        assert list(_finish(_build(checkout, kind))) == [""]


def test_the_development_lock_holds_the_run_lock_at_the_same_versions() -> None:
    pins = {
        name: {
            line
            for line in (ROOT / "deploy" / "requirements" / f"{name}.lock").read_text().splitlines()
            if "==" in line
        }
        for name in ("run", "dev")
    }
    assert pins["run"]
    assert pins["run"] <= pins["dev"]
