"""`make lint`: every check that needs no server, all of them also when one fails."""

import importlib.util
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Settings want addresses and keys; none of the checks connects to anything.
_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "EMBEDDED": "1",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "DATABASE_OWNER_URL": "",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "for checks only",
    "TOKEN_KEY": "for checks only",
    "ENCRYPTION_KEY": "",
}


def checks() -> list[tuple[str, list[str]]]:
    """Return each check's name and command, the longest first."""
    python, tools = sys.executable, Path(sys.executable).parent
    found = [
        ("types", [python, "-m", "mypy", "--no-error-summary", "."]),
        ("format", [python, "-m", "ruff", "format", "--check", "--quiet", "."]),
        ("style", [python, "-m", "ruff", "check", "--quiet", "."]),
        ("import contracts", [str(tools / "lint-imports")]),
        ("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ]
    if importlib.util.find_spec("deploy.translations"):
        found.append(("translations", [python, "-m", "deploy.translations", "check"]))
    return found


def run(name: str, command: list[str]) -> tuple[str, bool, str]:
    """Run a check; return its name, whether all is fine, and what to show of it."""
    started = time.monotonic()
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **_ENVIRONMENT}, capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - started
    if ended.returncode == 0:
        return name, True, f"{name}: fine ({seconds:.1f} s)"
    return name, False, f"{ended.stdout}{ended.stderr}{name}: FAILED ({seconds:.1f} s)"


def main() -> int:
    """Run the checks, the longest beside the others; what a failing one said is shown."""
    failed = []
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(run, *check) for check in checks()]
        for done in as_completed(waiting):
            name, is_fine, text = done.result()
            print(text, flush=True)
            if not is_fine:
                failed.append(name)
    print(f"Failed: {', '.join(failed)}." if failed else "Everything is fine.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
