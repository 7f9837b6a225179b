"""The tour of the README: its command blocks, what each one printed, and a way to run them."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"<!-- tour -->\n```bash\n(?P<commands>.*?)```\n(?:\n```text\n(?P<printed>.*?)```\n)?", re.DOTALL)
MARK = "=== end of step ==="

# What differs from run to run.
MASKS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "INSTANT"),
    (re.compile(r"cbt-[0-9A-Z-]+"), "TOKEN"),
    (re.compile(r"IS-[0-9a-f-]{27}"), "USER"),
    (re.compile(r"cbp_\w+"), "PASSWORD"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r'"id": \d+'), '"id": NUMBER'),
)


@dataclass(frozen=True)
class Step:
    """A block of commands with what the README says it printed."""

    commands: str
    printed: str


def steps() -> list[Step]:
    """Return the tour's steps in their order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [Step(found["commands"], found["printed"] or "") for found in BLOCK.finditer(text)]


def run(commands: list[str], *, environment: Mapping[str, str], port: int, data_dir: Path) -> list[str]:
    """Run blocks of commands one after the other in one shell, as a reader would; return what each printed."""
    script = f"\necho; echo '{MARK}'\n".join(commands)
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("var/", f"{data_dir}/")
    shell = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(
        shell, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return [part.strip() for part in done.stdout.split(MARK)]


def mask(text: str) -> str:
    """Return a text without what differs from run to run."""
    for pattern, name in MASKS:
        text = pattern.sub(name, text)
    return text.strip()
