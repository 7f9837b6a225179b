"""All twelve walks at once, against one instance of the service."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.browser.people import build_beside
from tests.conformance.calling import Caller
from tests.conformance.profiles import PROFILES
from tests.conformance.walk import AMOUNT, Walk
from tests.factories.wire import credit, make_coda
from tests.journeys.instances import Instance

_WORLD = "tests.conformance.world"
STATEMENT = 601


def walk_all(instance: Instance) -> list[Walk]:
    """Let every package walk from its request to a paid invoice; returns them in the order of their names' list."""
    world = build_beside(instance.environment, _WORLD)
    walks = [
        Walk(
            profile=profile,
            caller=Caller(instance.port, world["companies"][profile.slug]["key"], profile),
            instance=instance,
            company=world["companies"][profile.slug],
            refused_number=world["refused"][profile.refused_for],
        )
        for profile in PROFILES
    ]
    with ThreadPoolExecutor(len(walks)) as pool:
        list(pool.map(Walk.connect_and_send, walks))
        _let_the_banks_report(instance, walks)
        list(pool.map(Walk.read_payment, walks))
        build_beside(instance.environment, _WORLD, "redeliver", *(str(walk.feed) for walk in walks if walk.entry))
        list(pool.map(Walk.read_again, walks))
    return walks


def line_of(walk: Walk) -> str:
    """Return a package's line: its name, the verdict, and a mark for each step: `+` went well, `-` did not."""
    marks = " ".join(f"{'+' if went_well else '-'}{name}" for name, went_well in walk.marks)
    return f"{walk.profile.name:<12} {'ok' if walk.is_ok else 'FAIL':<4} {marks}"


def _let_the_banks_report(instance: Instance, walks: list[Walk]) -> None:
    """Let a statement of each company come in, with the payment of its invoice."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        for walk in walks:
            content = make_coda(walk.company["iban"], credit(AMOUNT, walk.reference), number=STATEMENT)
            (Path(folder) / f"{walk.profile.slug}.cod").write_bytes(content)
        imported = instance.manage("import_coda", folder)
    if imported.returncode != 0:
        raise RuntimeError(imported.stdout + imported.stderr)
