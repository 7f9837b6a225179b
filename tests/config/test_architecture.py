"""The house's contracts hold, and each one notices a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[2]

VIOLATIONS = [
    ("Apps import downwards only", "apps/companies/services.py", "from apps.tokens import rules as _planted"),
    ("Inside an app", "apps/tokens/services/requests.py", "from apps.tokens import tasks as _planted"),
    ("Rules and formats", "apps/tokens/rules.py", "from django.utils import timezone as _planted"),
    ("Portal and API", "apps/api/v2/feeds.py", "from apps.delivery import models as _planted"),
    ("Apps know neither", "apps/delivery/services.py", "from config import reactions as _planted"),
]


def lint_imports(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_contracts_hold() -> None:
    checked = lint_imports(ROOT)

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_a_planted_violation_breaks_its_contract(tmp_path: Path, contract: str, module: str, line: str) -> None:
    for folder in ("apps", "config", "deploy"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a") as file:
        file.write(f"\n{line}\n")

    checked = lint_imports(tmp_path)

    broken = [row for row in checked.stdout.splitlines() if row.endswith("BROKEN")]
    assert checked.returncode == 1
    assert [row.startswith(contract) for row in broken] == [True], checked.stdout


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
