"""Who takes part: a company for each package, and one for each refusal; made beside a service that runs.

`python -m tests.conformance.world` builds them in the database that the environment names and prints them as JSON;
`… redeliver FEED…` asks that the newest statement of each feed be delivered again, as staff do.
"""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from tests.browser.gallery import set_up, software_key
from tests.conformance.profiles import PROFILES

ACTOR = "staff:conformance"


def build(now: datetime) -> dict[str, Any]:
    """Build everything and return it."""
    from tests.factories import registry
    from tests.factories.numbers import make_enterprise_number

    # Others that may be in the same database have the earlier numbers.
    registry.numbers = count(1_800_001)
    office = registry.make_office(now, name="Kantoor Twaalf", email="twaalf@conformance.example")
    companies = {profile.slug: _ready(now, office, profile.slug) for profile in PROFILES}
    refused = {"enterprise_unknown": make_enterprise_number("01809999"), **_refused(now, office)}
    return {"companies": companies, "refused": refused}


def _ready(now: datetime, office: Any, slug: str) -> dict[str, str]:
    from tests.factories import registry

    email = f"{slug}@conformance.example"
    company = registry.make_company(now, office=office, name=f"Zaak {slug}", email=email)
    return {
        "key": str(software_key(now, slug).key),
        "number": company.enterprise_number,
        "name": company.name,
        "email": email,
        "iban": registry.make_account(now, company).iban,
    }


def _refused(now: datetime, office: Any) -> dict[str, str]:
    from apps.companies import services
    from apps.companies.rules import CompanyState, ContactState
    from tests.factories import registry

    applied = registry.make_office(now, name="Kantoor Later", email="later@conformance.example", is_client=False)
    rows = {
        "company_inactive": registry.make_company(now, office=office, name="Gestopt"),
        "no_accounting_office": registry.make_company(now, name="Alleen"),
        "office_not_client": registry.make_company(now, office=applied, name="Wacht"),
        "email_unknown": registry.make_company(now, office=office, email=None, name="Zonder adres"),
        "email_undeliverable": registry.make_company(now, office=office, email="weg@conformance.example", name="Weg"),
    }
    services.set_company_state(
        company_uuid=rows["company_inactive"].uuid, state=CompanyState.CEASED, actor=ACTOR, now=now
    )
    services.set_contact_state(
        company_uuid=rows["email_undeliverable"].uuid, state=ContactState.BOUNCED, actor=ACTOR, now=now
    )
    return {code: company.enterprise_number for code, company in rows.items()}


def redeliver(feeds: Sequence[str], now: datetime) -> dict[str, str]:
    """Ask for the newest statement of each feed again; returns its index by feed."""
    from apps.delivery.models import FeedEntry
    from apps.delivery.services import ask_redelivery

    newest = {feed: FeedEntry.objects.filter(feed_id=int(feed)).latest("position") for feed in feeds}
    for entry in newest.values():
        ask_redelivery(entry_uuid=entry.uuid, actor=ACTOR, now=now)
    return {feed: str(entry.uuid) for feed, entry in newest.items()}


def main(arguments: list[str]) -> None:
    """Do what is asked and print it."""
    set_up()
    from apps.core import clock

    done = redeliver(arguments[1:], clock.now()) if arguments else build(clock.now())
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
