"""The twelve compatible packages, each with its own habits, walk from a request to a paid invoice."""

from dataclasses import asdict

from tests.conformance.drive import line_of, walk_all
from tests.conformance.profiles import PROFILES
from tests.journeys.instances import Instance

NAMES = [
    "Bouwsoft", "Zenfactuur", "Club Planner", "CoManage", "Facturalia", "Idloom", "onFact", "MyFact", "Recovr",
    "Robaws", "SimplyBooks", "Sonetas",
]  # fmt: skip
STEPS = {
    "refusal", "request", "lost-credentials", "nothing-new", "lost-answer", "invoice", "credit-note", "correction",
    "statement", "payment", "redelivery",
}  # fmt: skip
ABOUT = ("name", "slug", "known", "assumed")


def test_no_two_packages_behave_alike_and_each_says_what_is_known_and_what_is_assumed() -> None:
    habits = [tuple(v for k, v in asdict(profile).items() if k not in ABOUT) for profile in PROFILES]

    assert [profile.name for profile in PROFILES] == NAMES
    assert len(set(habits)) == len(PROFILES)
    assert all(profile.known and profile.assumed for profile in PROFILES)


def test_every_package_walks_from_its_request_to_a_paid_invoice(instance: Instance) -> None:
    walks = walk_all(instance)

    assert [line_of(walk) for walk in walks if not walk.is_ok] == []
    assert all({name for name, _went_well in walk.marks} >= STEPS for walk in walks)
