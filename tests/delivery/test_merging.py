"""Feeds once two companies are one: every id goes on answering, nothing is skipped and nothing is listed twice."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from apps.delivery import services
from apps.delivery.models import Delivery, Feed, FeedEntry
from apps.tokens.services.office_access import give_office_credentials
from tests.factories import registry
from tests.factories.mergers import Side, Twins, bank, fill, make_side, make_twins, merge
from tests.factories.wire import Software

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(now: datetime, run_reactions: Callable[[], int]) -> Twins:
    """Both with statements that are not marked: 1 and 2 of the survivor, 11 and 12 of the absorbed company."""
    made = make_twins(now)
    run_reactions()
    for days_ago, number in ((2, 1), (1, 2)):
        bank(made.survivor.account, now, number=number, days_ago=days_ago)
        bank(made.absorbed.account, now, number=number + 10, days_ago=days_ago)
    run_reactions()
    return made


def read(software: Software, feed_id: int, kind: str = "feed") -> list[dict[str, Any]]:
    answer = software.get(f"delivery/{kind}/{feed_id}/")
    assert answer.status_code == 200
    assert answer.json()["id"] == feed_id
    return list(answer.json()["feed_entries"])


def numbers(entries: list[dict[str, Any]]) -> list[int]:
    return [entry["metadata"]["first_statement_number"] for entry in entries]


def mark(software: Software, feed_id: int, entry: dict[str, Any], kind: str = "feed") -> None:
    answer = software.put(f"delivery/{kind}/{feed_id}/", {"feed_offset": entry["feed_index"]})
    assert (answer.status_code, answer.json()["id"]) == (200, feed_id)


def feed_of(side: Side) -> int:
    return side.software.feed_id()


def test_what_was_not_marked_in_either_feed_is_listed_once_in_the_one_that_goes_on(now: datetime, twins: Twins) -> None:
    first, second = feed_of(twins.survivor), feed_of(twins.absorbed)
    mark(twins.absorbed.software, second, read(twins.absorbed.software, second)[0])

    merge(now, twins.survivor.company, twins.absorbed.company)

    for software in (twins.survivor.software, twins.absorbed.software):
        assert software.feed_id() == first
        for feed_id in (first, second):
            assert numbers(read(software, feed_id)) == [1, 2, 12]
    positions = list(FeedEntry.objects.filter(feed=first).order_by("position").values_list("position", flat=True))
    assert positions == [1, 2, 3]


def test_the_feed_is_read_and_marked_by_the_former_id_until_it_is_empty(
    now: datetime, twins: Twins, run_reactions: Callable[[], int]
) -> None:
    former = feed_of(twins.absorbed)
    merge(now, twins.survivor.company, twins.absorbed.company)
    software = twins.absorbed.software
    seen: list[int] = []

    while entries := read(software, former):
        seen += numbers(entries[:1])
        mark(software, former, entries[0])
    bank(twins.absorbed.account, now, number=13)
    run_reactions()

    assert seen == [1, 2, 11, 12]
    assert numbers(read(software, former)) == [13]


def test_an_entry_listed_before_the_merge_is_downloaded_after_it(now: datetime, twins: Twins) -> None:
    software = twins.absorbed.software
    before = read(software, feed_of(twins.absorbed))
    merge(now, twins.survivor.company, twins.absorbed.company)

    answer = software.get(f"delivery/download/{before[0]['feed_index']}/cod/")

    assert answer.status_code == 200
    assert twins.absorbed.account.iban in answer.content.decode()


def test_a_mark_under_way_at_the_merge_skips_nothing_that_was_not_read(now: datetime, twins: Twins) -> None:
    software, former = twins.absorbed.software, feed_of(twins.absorbed)
    before = read(software, former)
    merge(now, twins.survivor.company, twins.absorbed.company)

    mark(software, former, before[-1])

    assert numbers(read(software, former)) == [1, 2, 11, 12]


def test_a_mark_under_way_at_the_merge_counts_when_nothing_else_is_ahead(now: datetime, twins: Twins) -> None:
    software, former, standing = twins.absorbed.software, feed_of(twins.absorbed), feed_of(twins.survivor)
    mark(twins.survivor.software, standing, read(twins.survivor.software, standing)[-1])
    before = read(software, former)
    merge(now, twins.survivor.company, twins.absorbed.company)

    mark(software, former, before[0])
    left = numbers(read(software, former))
    mark(software, former, before[1])

    assert left == [12]
    assert read(software, former) == []


def test_a_feed_of_which_the_survivor_has_none_moves_with_its_cursor(
    now: datetime, twins: Twins, run_reactions: Callable[[], int]
) -> None:
    third = make_side(now, twins.office, registry.make_software(now, slug="odoo"), "Derde")
    run_reactions()
    bank(third.account, now, number=31, days_ago=1)
    bank(third.account, now, number=32)
    run_reactions()
    feed_id = feed_of(third)
    mark(third.software, feed_id, read(third.software, feed_id)[0])

    merge(now, twins.survivor.company, third.company)
    bank(twins.survivor.account, now, number=3)
    run_reactions()

    assert feed_of(third) == feed_id
    assert numbers(read(third.software, feed_id)) == [32, 3]
    assert numbers(read(twins.survivor.software, feed_of(twins.survivor))) == [1, 2, 3]


def test_an_offices_feeds_become_one_and_it_keeps_what_was_delivered(
    now: datetime, twins: Twins, run_reactions: Callable[[], int]
) -> None:
    invoice = fill(twins.absorbed, now, run_reactions, number="2026-1", statement=13)
    username, password = give_office_credentials(office_uuid=twins.office.uuid, password=None, actor="t", now=now)
    office = Software("", username, password)
    del office.headers["X-Software-Company"]
    feeds = {row["client_name"]: row["id"] for row in office.get("delivery/pod-client/").json()["feed_clients"]}

    merge(now, twins.survivor.company, twins.absorbed.company)

    clients = office.get("delivery/pod-client/").json()["feed_clients"]
    assert [(row["id"], row["client_name"]) for row in clients] == [(feeds["Blijft"], "Blijft")]
    listed = read(office, feeds["Eindigt"])
    assert [entry["document_model"] for entry in listed] == ["coda"] * 5 + ["sales_invoice"]
    assert listed == [*read(office, feeds["Blijft"])]
    assert set(Delivery.objects.filter(invoice__uuid=invoice).values_list("office", flat=True)) == {twins.office.pk}


def test_another_company_or_software_does_not_read_a_former_feed(now: datetime, twins: Twins) -> None:
    former = feed_of(twins.absorbed)
    stranger = make_side(now, twins.office, twins.key, "Vreemd")
    other = registry.connect(now, twins.survivor.company, registry.make_software(now, slug="odoo"))
    merge(now, twins.survivor.company, twins.absorbed.company)

    for software in (stranger.software, Software.of(other)):
        assert software.get(f"delivery/feed/{former}/").status_code == 404
        assert software.get(f"delivery/redownload-feed/{former}/").status_code == 404
    entry = FeedEntry.objects.filter(feed=former).first()
    assert entry is not None
    assert stranger.software.get(f"delivery/download/{entry.uuid}/cod/").status_code == 404


def test_an_offset_of_no_feed_of_the_caller_is_refused_and_marks_nothing(now: datetime, twins: Twins) -> None:
    stranger = make_side(now, twins.office, twins.key, "Vreemd")
    merge(now, twins.survivor.company, twins.absorbed.company)
    foreign = FeedEntry.objects.filter(feed__company=twins.absorbed.company).first()
    assert foreign is not None
    feed_id = feed_of(stranger)

    refused = stranger.software.put(f"delivery/feed/{feed_id}/", {"feed_offset": str(foreign.uuid)})

    assert (refused.status_code, refused.json()["code"]) == (400, "feed_offset_unknown")
    assert not Feed.objects.filter(cursor__gt=0).exists()


def test_redeliveries_of_both_feeds_are_listed_and_marked_together(now: datetime, twins: Twins) -> None:
    for side in (twins.survivor, twins.absorbed):
        feed_id = feed_of(side)
        entries = read(side.software, feed_id)
        mark(side.software, feed_id, entries[-1])
        services.ask_redelivery(entry_uuid=entries[0]["feed_index"], actor="t", now=now)
    former, standing = feed_of(twins.absorbed), feed_of(twins.survivor)
    merge(now, twins.survivor.company, twins.absorbed.company)
    software = twins.absorbed.software

    listed = [read(software, feed_id, "redownload-feed") for feed_id in (standing, former)]
    mark(software, former, listed[0][0], "redownload-feed")
    left = numbers(read(software, standing, "redownload-feed"))
    mark(software, standing, listed[0][1], "redownload-feed")

    assert [numbers(entries) for entries in listed] == [[1, 11], [1, 11]]
    assert left == [11]
    assert read(software, standing, "redownload-feed") == []
    assert software.get(f"delivery/redownload/{listed[0][1]['feed_index']}/cod/").status_code == 200
