"""The guides for makers of software do what they print, in every language that this machine runs."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.statements.coda.writer import StatementDraft, write_file
from tests.factories.wire import REFERENCE, credit
from tests.journeys import guides
from tests.journeys.callers import Wire
from tests.journeys.instances import Instance, eventually
from tests.journeys.mail import tokens_for
from tests.journeys.tour import ROOT

# `WRITE_EXAMPLES=1` writes into the guides what the first language printed.
WRITES = os.environ.get("WRITE_EXAMPLES") == "1"
# Packages and companies of the demo that no other journey here uses.
SOFTWARE = dict(zip(guides.LANGUAGES, ("zenfactuur", "comanage", "onfact", "recovr"), strict=True))
BEFORE_THE_PAYMENT = ("connect", "send-an-invoice", "correct-an-invoice")
AFTER_IT = ("read-payments", "handle-a-refusal")


@dataclass
class Learner:
    """Somebody who follows the guides in a language, for a company of their own."""

    instance: Instance
    language: str
    company: dict[str, str]
    wire: Wire
    folder: Path

    def follow(self, guide: str) -> list[str]:
        """Run a guide's program; return what each step printed."""
        command = guides.write_program(guide, self.language, self.folder)
        environment = {**os.environ, **self._variables()}
        program = subprocess.Popen(
            command, cwd=self.folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        printed, errors = program.communicate(self._code() if guide == "connect" else None, timeout=120)
        assert program.returncode == 0, f"{self.language} {guide}\n{printed}\n{errors}"
        found = guides.parts(printed)
        if guide == "connect":
            self.wire.sign_in(json.loads(found[1]))
        return found

    def _variables(self) -> dict[str, str]:
        pair = self.wire.pair or ("", "")
        return {
            "API": self.wire.base,
            "SOFTWARE_KEY": self.wire.headers["X-Software-Company"],
            "VAT": f"BE{self.company['enterprise_number']}",
            "LOGIN_NAME": pair[0],
            "LOGIN_PASSWORD": pair[1],
        }

    def _code(self) -> str:
        return eventually(lambda: tokens_for(self.instance, self.company["email"]))[-1] + "\n"

    def has(self, **wanted: str) -> bool:
        """Say whether the invoice that was sent is so by now."""
        _status, sent = self.wire.call("GET", "sales-invoices/")
        return all(invoice[name] == value for invoice in sent["results"] for name, value in wanted.items())


@pytest.fixture
def learners(embedded_instance: Instance, tmp_path: Path) -> list[Learner]:
    world = embedded_instance.demo()
    keys = {software["slug"]: software["key"] for software in world["software"]}
    ready = [company for company in world["companies"] if company["scenario"] == "ready"][1:]
    found = []
    for language, company in zip(guides.LANGUAGES, ready, strict=False):
        if guides.is_found(language):
            folder = tmp_path / language
            folder.mkdir()
            shutil.copy(ROOT / "docs" / "tour" / "invoice.pdf", folder)
            for name in ("invoice.xml", "corrected.xml"):
                document = (ROOT / "docs" / "tour" / name).read_text(encoding="utf-8")
                (folder / name).write_text(document.replace("0100000169", company["enterprise_number"]))
            wire = Wire(embedded_instance.base, keys[SOFTWARE[language]])
            found.append(Learner(embedded_instance, language, company, wire, folder))
    return found


def test_every_step_is_told_in_every_language() -> None:
    for guide in (*BEFORE_THE_PAYMENT, *AFTER_IT):
        found = guides.steps(guide)
        assert found
        assert all(tuple(step.code) == guides.LANGUAGES and step.printed.strip() for step in found), guide
        text = (guides.GUIDES / f"{guide}.md").read_text(encoding="utf-8")
        assert len(found) == text.count("```bash")


def test_links_of_the_guides_lead_somewhere() -> None:
    for path in guides.GUIDES.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), (path.name, target)


def test_the_guides_print_what_they_say(learners: list[Learner], tmp_path: Path) -> None:
    assert {"bash", "python"} <= {learner.language for learner in learners}
    for guide in BEFORE_THE_PAYMENT:
        _follow(learners, guide)
    _all(learners, lambda learner: eventually(lambda: learner.has(open_amount="1161.60", state="accepted")))
    _pay(learners, tmp_path)
    _all(learners, lambda learner: eventually(lambda: learner.has(payment_state="paid")))
    for guide in AFTER_IT:
        _follow(learners, guide)


@pytest.mark.parametrize("language", guides.LANGUAGES)
def test_this_machine_runs_the_guides_in(language: str) -> None:
    if not guides.is_found(language):
        pytest.skip(f"no runtime for {language} here: its snippets were not run")


def _follow(learners: Sequence[Learner], guide: str) -> None:
    # A web process has one document judged at a time.
    at_once = guide != "send-an-invoice"
    printed = _all(learners, lambda learner: learner.follow(guide), at_once=at_once)
    if WRITES:
        guides.write_printed(guide, printed[0])
    wanted = [guides.as_read(step.printed) for step in guides.steps(guide)]
    for learner, found in zip(learners, printed, strict=True):
        assert [guides.as_read(part) for part in found] == wanted, (learner.language, guide)


def _all(learners: Sequence[Learner], do: Callable[[Learner], Any], *, at_once: bool = True) -> list[Any]:
    """Let everybody do something, at the same time unless said otherwise."""
    with ThreadPoolExecutor(len(learners) if at_once else 1) as pool:
        return list(pool.map(do, learners))


def _pay(learners: Sequence[Learner], folder: Path) -> None:
    day = date(2026, 11, 24)
    statements = [
        StatementDraft(
            iban=learner.company["iban"], bic="GKCCBEBB", holder_name="Houder",
            enterprise_number=learner.company["enterprise_number"], number=950, creation_date=day,
            old_balance=Decimal(1000), old_balance_date=date(2026, 11, 23), new_balance_date=day,
            movements=(credit("1161.60", REFERENCE),),
        )
        for learner in learners
    ]  # fmt: skip
    path = folder / "payments.cod"
    path.write_bytes(write_file(statements))
    imported = learners[0].instance.manage("import_coda", str(path))
    assert imported.returncode == 0, imported.stdout + imported.stderr
