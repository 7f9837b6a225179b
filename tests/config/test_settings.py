"""What the settings make of the environment, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVERS = {
    "SECRET_KEY": "x",
    "TOKEN_KEY": "x",
    "DATABASE_URL": "postgresql://x@localhost/x",
    "REDIS_URL": "redis://localhost/0",
}


def read(setting: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    known = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, "-c", f"from config import settings; print(settings.{setting})"],
        cwd=ROOT, env=known | SERVERS | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "True"),
        ({"STAFF_SECOND_FACTOR": "1"}, "True"),
        ({"EMBEDDED": "1"}, "False"),
        ({"EMBEDDED": "1", "STAFF_SECOND_FACTOR": "1"}, "True"),
    ],
)
def test_staff_need_a_second_factor_except_in_the_embedded_default(environment: dict[str, str], expected: str) -> None:
    assert read("STAFF_SECOND_FACTOR", **environment).stdout.strip() == expected


def test_production_does_not_start_without_it() -> None:
    ended = read("STAFF_SECOND_FACTOR", STAFF_SECOND_FACTOR="0")

    assert ended.returncode != 0
    assert "STAFF_SECOND_FACTOR=0 is for the embedded default only" in ended.stderr


OWN_SERVERS = {
    "SANDBOX": "1",
    "SANDBOX_DATABASE_URL": "postgresql://x@localhost/y",
    "SANDBOX_REDIS_URL": "redis://localhost/1",
    "SELF_TEST_SIGNING_KEY": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [(OWN_SERVERS, "True"), ({**OWN_SERVERS, "SANDBOX_RESET": "0"}, "False"), ({"SANDBOX_RESET": "1"}, "False")],
    ids=["sandbox", "switched off", "service"],
)
def test_only_the_sandbox_is_emptied_at_night(environment: dict[str, str], expected: str) -> None:
    tasks = "CELERY_BEAT_SCHEDULE.values(), 'demo.reset_sandbox' in str(settings.CELERY_BEAT_SCHEDULE)"

    assert read(tasks, **environment).stdout.strip().endswith(expected)


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64"])
def test_a_sandbox_does_not_start_without_a_key_that_can_sign(key: str) -> None:
    ended = read("SANDBOX", **{**OWN_SERVERS, "SELF_TEST_SIGNING_KEY": key})

    assert ended.returncode != 0
    assert "SELF_TEST_SIGNING_KEY" in ended.stderr
