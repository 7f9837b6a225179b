import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.factories import registry
from tests.factories.wire import credit, make_coda

pytestmark = pytest.mark.django_db


@pytest.fixture
def iban(now: datetime) -> str:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now))).iban


def run(*arguments: str) -> tuple[int, list[str]]:
    out = StringIO()
    with pytest.raises(SystemExit) as exited:
        call_command("import_coda", *arguments, stdout=out, stderr=StringIO())
    return int(str(exited.value)), out.getvalue().splitlines()


def test_a_folder_is_read_file_by_file_and_exits_0_when_all_were_imported_or_had(iban: str, tmp_path: Path) -> None:
    for name in ("a.cod", "b.cod"):
        (tmp_path / name).write_bytes(make_coda(iban, credit("5.00")))

    code, lines = run(str(tmp_path))

    assert code == 0
    assert [line.split(": ", 1)[1] for line in lines] == [
        f"imported; {iban} EUR 214 of 2026-11-24: imported, 1 movements",
        f"duplicate; {iban} EUR 214 of 2026-11-24: duplicate, 1 movements",
    ]


@pytest.mark.parametrize("trouble", ["held", "unrouted", "quarantined"])
def test_what_needs_a_person_exits_1_and_says_why(iban: str, tmp_path: Path, trouble: str) -> None:
    content = {
        "held": make_coda(iban, credit("5.00")).replace(b"000000001005000", b"000000001009000"),
        "unrouted": make_coda("BE68539007547034", credit("5.00")),
        "quarantined": b"no coda at all",
    }[trouble]
    path = tmp_path / "f.cod"
    path.write_bytes(content)

    code, lines = run(str(path))

    assert code == 1
    assert trouble in lines[0]
    assert {"held": "balance_mismatch at line", "quarantined": "not_coda at line 1"}.get(trouble, "") in lines[0]


def test_json_is_one_object_a_file(iban: str, tmp_path: Path) -> None:
    path = tmp_path / "f.cod"
    path.write_bytes(make_coda(iban, credit("5.00")).replace(b"000000001005000", b"000000001009000"))

    _code, lines = run(str(path), "--json")
    described: dict[str, Any] = json.loads(lines[0])

    statement = described["statements"][0]
    finding = statement["findings"][0]
    assert (described["file"], described["state"], described["findings"]) == (str(path), "partly_imported", [])
    assert (statement["iban"], statement["number"], statement["date"]) == (iban, 214, "2026-11-24")
    assert (statement["state"], statement["movements"]) == ("held", 1)
    assert (finding["code"], finding["severity"]) == ("balance_mismatch", "fatal")
    assert {"line", "column", "message"} <= set(finding)


def test_a_path_that_is_not_there_exits_2_and_imports_nothing(tmp_path: Path) -> None:
    assert run(str(tmp_path / "nothing.cod")) == (2, [])
