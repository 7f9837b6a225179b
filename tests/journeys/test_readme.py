"""The tour of the README does what it prints."""

import shutil

import pytest

from tests.journeys import tour
from tests.journeys.instances import Instance


def test_the_tour_has_steps_with_output() -> None:
    assert len(tour.steps()) >= 9


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour needs curl, which this machine lacks")
def test_the_tour_prints_what_the_readme_says(embedded_instance: Instance) -> None:
    steps = tour.steps()
    # A newcomer has no mail yet; others may have got some here.
    for mail in (embedded_instance.data_dir / "mail").glob("*.eml"):
        mail.unlink()

    printed = tour.run(
        [step.commands for step in steps],
        environment=embedded_instance.environment,
        port=embedded_instance.port,
        data_dir=embedded_instance.data_dir,
    )

    for step, text in zip(steps, printed, strict=True):
        assert tour.mask(text) == tour.mask(step.printed)
