"""The guides for makers of software: their steps in four languages, and programs made of them."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.journeys.tour import MASKS, ROOT

GUIDES: Final = ROOT / "docs" / "guides"
LANGUAGES: Final = ("bash", "python", "php", "csharp")
STEP: Final = re.compile(r"<!-- step -->\n(?P<code>(?:```\w+\n.*?```\n\n)+?)```text\n(?P<printed>.*?)```\n", re.DOTALL)
CODE: Final = re.compile(r"```(\w+)\n(.*?)```\n", re.DOTALL)
MARK: Final = "=== end of step ==="
_MARKING: Final = {
    "bash": f"\necho; echo '{MARK}'\n",
    "python": f"\nprint('{MARK}')\n",
    "php": f'\necho "{MARK}\\n";\n',
    "csharp": f'\nConsole.WriteLine("{MARK}");\n',
}
# What differs from company to company, besides what differs from run to run.
_OF_A_COMPANY: Final = (
    (re.compile(r"\w\*\*\*@[\w.-]+"), "ADDRESS"),
    (
        re.compile(r'"enterprise_number": ?"BE\d{10}", ?"name": ?"[^"]*"'),
        '"enterprise_number": "NUMBER", "name": "NAME"',
    ),
)
_PROJECT: Final = """\
<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType>
<TargetFramework>net{version}</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings></PropertyGroup></Project>
"""


@dataclass(frozen=True)
class Step:
    """What is done in each language, and what it printed."""

    code: Mapping[str, str]
    printed: str


def steps(guide: str) -> list[Step]:
    """Return the steps of a guide."""
    text = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
    return [Step(dict(CODE.findall(found["code"])), found["printed"]) for found in STEP.finditer(text)]


def is_found(language: str) -> bool:
    """Say whether this machine can run a language's programs."""
    found = shutil.which({"bash": "curl", "csharp": "dotnet"}.get(language, language)) is not None
    if found and language == "php":
        # Debian's `php-cli` alone calls nobody.
        return subprocess.run(("php", "-r", "exit((int) !extension_loaded('curl'));"), check=False).returncode == 0
    return found or language == "python"


def write_program(guide: str, language: str, folder: Path) -> list[str]:
    """Write a guide's steps in a language as one program, and return the command that runs it."""
    mark = _MARKING[language]
    source = mark.join(step.code[language] for step in steps(guide))
    path = folder / f"{guide}.{language}"
    path.write_text(f"<?php\n{source}" if language == "php" else source, encoding="utf-8")
    if language == "csharp":
        return _project(path)
    return {"bash": ["bash", "-euo", "pipefail"], "python": [sys.executable], "php": ["php"]}[language] + [str(path)]


def _project(program: Path) -> list[str]:
    version = subprocess.run(["dotnet", "--version"], capture_output=True, text=True, check=True).stdout
    folder = program.with_suffix(".project")
    folder.mkdir()
    program.rename(folder / "Program.cs")
    (folder / "guide.csproj").write_text(_PROJECT.format(version=".".join(version.split(".")[:2])), encoding="utf-8")
    return ["dotnet", "run", "--project", str(folder)]


def parts(printed: str) -> list[str]:
    """Return what each step of a program printed."""
    return [part.strip() for part in printed.split(MARK)]


def as_read(text: str) -> Any:
    """Return what was printed without what differs from run to run; JSON as its values, however it is written."""
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    for pattern, name in (*MASKS, *_OF_A_COMPANY):
        text = pattern.sub(name, text)
    return text.strip()


def write_printed(guide: str, printed: list[str]) -> None:
    """Write into a guide what its steps printed."""
    path = GUIDES / f"{guide}.md"
    waiting = iter(printed)

    def filled(found: re.Match[str]) -> str:
        return f"<!-- step -->\n{found['code']}```text\n{_laid_out(next(waiting))}\n```\n"

    path.write_text(STEP.sub(filled, path.read_text(encoding="utf-8")), encoding="utf-8")


def _laid_out(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=4, ensure_ascii=False)
    except ValueError:
        return text
