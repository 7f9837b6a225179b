"""Whose books when, once two companies are one: the survivor's links stand, the absorbed one's fill the free days."""

from datetime import date
from typing import Final

from apps.accounting_offices.models import ClientLink, Mandate
from apps.accounting_offices.rules import LINK_TRANSITIONS, LinkState, Period, free_days
from apps.companies.merging.movers import Merge, Mover
from apps.core.clock import brussels_day
from apps.core.states import check_transition
from apps.events.services import News, record_many


def move(merge: Merge) -> None:
    """Move client links and claims. What was delivered stays with the office that got it; mandates follow accounts."""
    locked = ClientLink.objects.select_for_update(of=("self",), no_key=True).select_related("office")
    links = list(locked.filter(company__in=[merge.survivor, merge.absorbed]).order_by("pk"))
    standing = [link for link in links if link.company_id == merge.survivor.pk]
    taken = [_period(link) for link in standing if link.starts_on is not None]
    claiming = {link.office_id for link in standing if link.state == LinkState.CLAIMED}
    news: list[News] = []
    for link in links:
        if link.company_id == merge.survivor.pk:
            continue
        if link.state == LinkState.CLAIMED:
            news += _move_claim(merge, link, claiming)
        elif link.starts_on is None:
            _give(merge, link)
        else:
            news += _move_days(merge, link, taken)
    record_many(news, actor=merge.actor, now=merge.now)


def _move_claim(merge: Merge, link: ClientLink, claiming: set[int]) -> list[News]:
    """A claim moves, unless the same office has one: then it ends with the company it was for."""
    if link.office_id not in claiming:
        _give(merge, link)
        return []
    _end(link)
    return [_news(merge, link)]


def _move_days(merge: Merge, link: ClientLink, taken: list[Period]) -> list[News]:
    """Give the survivor the days of a link that it has free; without any the link stays behind, ended."""
    whole = _period(link)
    pieces = free_days(whole, taken)
    if pieces == [whole]:
        _give(merge, link)
        return []
    if not pieces:
        if link.state == LinkState.CURRENT:
            _end(link, on=max(whole.starts_on, brussels_day(merge.now)))
        return [_news(merge, link)]
    return [_news(merge, row) for row in _cut(merge, link, pieces)]


def _cut(merge: Merge, link: ClientLink, pieces: list[Period]) -> list[ClientLink]:
    """Turn a link into the given pieces of it: the first is the row itself, each other one a row of its own."""
    others = [
        ClientLink(
            company=merge.survivor,
            office_id=link.office_id,
            client_code=link.client_code,
            state=_state(link, piece, brussels_day(merge.now)),
            claimed_at=link.claimed_at,
            starts_on=piece.starts_on,
            ends_on=piece.ends_on,
        )
        for piece in pieces[1:]
    ]
    link.company, link.state = merge.survivor, _state(link, pieces[0], brussels_day(merge.now))
    link.starts_on, link.ends_on = pieces[0].starts_on, pieces[0].ends_on
    link.save(update_fields=["company", "state", "starts_on", "ends_on"])
    ClientLink.objects.bulk_create(others)
    return [link, *others]


def _state(link: ClientLink, piece: Period, today: date) -> LinkState:
    """A piece whose last day has passed has ended; another one is as the link was."""
    return LinkState.ENDED if piece.ends_on and piece.ends_on <= today else LinkState(link.state)


def _end(link: ClientLink, on: date | None = None) -> None:
    check_transition(LINK_TRANSITIONS, LinkState(link.state), LinkState.ENDED)
    link.state = LinkState.ENDED
    link.ends_on = min(filter(None, (link.ends_on, on)), default=None)
    link.save(update_fields=["state", "ends_on"])


def _give(merge: Merge, link: ClientLink) -> None:
    link.company = merge.survivor
    link.save(update_fields=["company"])


def _period(link: ClientLink) -> Period:
    assert link.starts_on is not None  # noqa: S101 # only links with days are asked
    return Period(link.starts_on, link.ends_on)


def _news(merge: Merge, link: ClientLink) -> News:
    days = {"starts_on": link.starts_on, "ends_on": link.ends_on}
    payload = {"link": str(link.uuid), "office": str(link.office.uuid)} | {
        name: day.isoformat() for name, day in days.items() if day
    }
    return News("client_link.merged", merge.survivor.uuid, merge.survivor.uuid, payload)


MOVER: Final = Mover(kinds={ClientLink: "company", Mandate: "bank_account__company"}, move=move)
