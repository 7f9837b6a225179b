"""Made files are valid, reproducible, and odd exactly where they were asked to be."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from apps.statements.coda import SEVERITIES, read_coda
from apps.statements.coda.generator import ODDITIES, Recipe, UnmakeableFile, make_file
from apps.statements.coda.generator.samples import payload_of
from apps.statements.coda.layouts import LAYOUTS
from apps.statements.coda.series import judge_series, link_of
from apps.statements.coda.writer import write_back
from tests.statements.coda.drafts import DAY


def _made(**recipe: object) -> bytes:
    return b"".join(make_file(Recipe(**recipe)))  # type: ignore[arg-type]


def _judged(data: bytes) -> tuple[str, set[str]]:
    coda_file = read_coda(data)
    statements = list(coda_file)
    findings = coda_file.findings + [finding for statement in statements for finding in statement.findings]
    links = [link for statement in statements if (link := link_of(statement))]
    findings += [misfit.finding for misfit in judge_series(links)]
    held = "held" if any(statement.held for statement in statements) else "imported"
    return "quarantined" if coda_file.quarantined else held, {finding.code for finding in findings}


@pytest.mark.parametrize("name", ODDITIES)
def test_an_oddity_gets_its_state_and_its_finding_alone(name: str) -> None:
    oddity = ODDITIES[name]
    data = _made(statements=3, movements=12, oddities=[name])

    assert _judged(data) == (oddity.state, {oddity.finding} if oddity.finding else set())


def test_every_finding_of_the_table_can_be_made() -> None:
    assert {oddity.finding for oddity in ODDITIES.values()} - {""} == SEVERITIES.keys()


@given(
    st.integers(0, 2**31),
    st.integers(1, 12),
    st.integers(0, 30),
    st.integers(1, 999),
    st.dates(min_value=DAY.replace(year=2001), max_value=DAY.replace(year=2090)),
)
def test_any_recipe_gives_a_series_without_a_finding(
    seed: int, statements: int, movements: int, first_number: int, first_day: object
) -> None:
    data = _made(seed=seed, statements=statements, movements=movements, first_number=first_number, first_day=first_day)

    assert _judged(data) == ("imported", set())
    assert b"".join(write_back(read_coda(data))) == data


def test_the_same_recipe_gives_the_same_bytes_and_another_seed_others() -> None:
    assert _made(seed=7) == _made(seed=7) != _made(seed=8)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_type_is_made_at_the_width_of_its_layout(kind: str) -> None:
    assert len(payload_of(kind, DAY)) == sum(field.width for field in LAYOUTS[kind])


def test_every_type_comes_back_with_every_value() -> None:
    data = _made(movements=0, oddities=["every_communication", "every_information"])
    (statement,) = read_coda(data)
    structures = [movement.structure for movement in statement.movements]
    structures += [information.structure for movement in statement.movements for information in movement.information]
    found = {structure.type: structure.values for structure in structures if structure}

    assert found.keys() == LAYOUTS.keys()
    assert [kind for kind, values in found.items() if None in values.values()] == []


@pytest.mark.parametrize("pair", list(combinations(["accents", "trimmed", "line_feed", "globalised", "overdrawn"], 2)))
def test_oddities_can_be_combined(pair: tuple[str, str]) -> None:
    assert _judged(_made(statements=2, oddities=pair)) == ("imported", set())


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"oddities": ["no_such"]}, "There is no oddity 'no_such'."),
        ({"oddities": ["statement_gap"]}, "statement_gap needs at least 2 statements."),
        ({"movements": 0, "oddities": ["sequence_gap"]}, "No record 21 with ''"),
        ({"holder_name": "x" * 27}, "has 27 characters"),
    ],
)
def test_what_cannot_be_made_says_why(recipe: dict[str, object], message: str) -> None:
    with pytest.raises(UnmakeableFile, match=re.escape(message)):
        _made(**recipe)


def test_the_command_writes_the_file_of_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "made.cod"
    call_command("make_coda", str(path), "--statements=2", "--movements=5", "--seed=3", "--oddity=accents")

    assert path.read_bytes() == _made(statements=2, movements=5, seed=3, oddities=["accents"])
    assert capsys.readouterr().out == f"{path}: {path.stat().st_size} bytes\n"


def test_the_command_lists_every_oddity(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_coda", "--list")

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(ODDITIES)


@pytest.mark.parametrize(
    "arguments", [["--oddity=no_such"], ["--movements=0", "--oddity=sequence_gap"], ["--iban=" + "x" * 35]]
)
def test_the_command_leaves_no_file_that_it_cannot_make(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "made.cod"
    with pytest.raises(SystemExit, match="2"):
        call_command("make_coda", str(path), *arguments)

    assert not path.exists()
    assert "--list" in capsys.readouterr().err


def test_the_command_asks_where_to(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        call_command("make_coda")

    assert capsys.readouterr().err == "Where to? Give a path, or --list.\n"


def test_the_page_shows_the_list_and_every_finding(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path("docs/coda.md").read_text(encoding="utf-8")
    call_command("make_coda", "--list")

    assert capsys.readouterr().out.strip() in page
    assert [code for code in SEVERITIES if f"`{code}`" not in page] == []
