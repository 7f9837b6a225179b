"""Every kind of mail, sent by a running service because somebody did what makes it go out.

`python -m tests.browser.mails` does so through the services, beside a service that runs, and prints a session for each
person whose login a mail is about; `ask_about_logins` does the rest in their browsers. Each kind goes to its own
address. What must have happened earlier did so an hour ago, so that the newest mail to an address is the one it is for.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import uuid4

from playwright.sync_api import Browser

from tests.browser.gallery import session_of, set_up, software_key, wait_for_worker
from tests.browser.pages import PASSWORD, confirm_it_is_me, fill
from tests.browser.people import Person

LANGUAGES: Final = ("nl", "fr")
KINDS: Final = (
    "token", "address-warning", "enquiry", "first-member", "invitation", "new-member-link", "contact-confirmation",
    "contact-notice", "application-receipt", "application-approved", "application-declined", "claims",
    "transfer-confirmed", "claim-refused", "office-changes", "invoice-question", "invoice-refusal",
    "invoice-answer", "invoice-corrected",
    "address-confirmation", "password-reset", "unknown-login", "security-notice",
    "destination-confirmation", "destination-failing", "delivered-invoice", "daily-invoices", "endpoint-stopped",
    "vendor-receipt", "vendor-refused",
)  # fmt: skip
OFFICES: Final = {"nl": "Boekhoudkantoor Peeters & Vennoten", "fr": "Fiduciaire de l’Hôpital"}
CLAIMANTS: Final = {"nl": "Accountants De Smedt BV", "fr": "Bureau Nouveau Départ SRL"}
COMPANIES: Final = {"nl": "Bakkerij De Gouden Korst BV", "fr": "Établissements Lefèvre & Fils SRL"}
NOT_AN_OFFICE: Final = {
    "nl": "Het ondernemingsnummer is geen boekhoudkantoor.",
    "fr": "Ce numéro d’entreprise n’est pas celui d’un bureau comptable.",
}
STAYS: Final = {
    "nl": "De klant blijft bij ons tot het einde van het boekjaar.",
    "fr": "Le client reste chez nous jusqu’à la fin de l’exercice.",
}


def address_of(kind: str, language: str) -> str:
    """Return the address to which a kind of mail goes."""
    return f"{kind}.{language}@mails.example"


@dataclass(frozen=True)
class Cast:
    """Who is there in a language: an office that keeps everybody's books, and a software."""

    language: str
    now: datetime
    office: Any
    key: Any

    @property
    def earlier(self) -> datetime:
        """Return when it happened what comes before."""
        return self.now - timedelta(hours=1)

    def address(self, kind: str) -> str:
        """Return the address to which a kind of mail goes."""
        return address_of(kind, self.language)

    def company(self, kind: str, *, name: str = "", owner: Any = None) -> Any:
        """Return a client of the office, whose address on file is that of a kind of mail."""
        from tests.factories import registry

        company = registry.make_company(
            self.earlier, office=self.office, email=self.address(kind), language=self.language,
            name=name or COMPANIES[self.language],
        )  # fmt: skip
        if owner:
            registry.make_member(self.earlier, owner, company=company)
        return company

    def other_office(self, kind: str, name: str = "") -> Any:
        """Return another office, whose address is that of a kind of mail."""
        from tests.factories import registry

        return registry.make_office(
            self.earlier, name=name or CLAIMANTS[self.language], email=self.address(kind), language=self.language
        )

    def person(self, kind: str) -> Any:
        """Return somebody who signs in with the address of a kind of mail."""
        from tests.factories import registry

        return registry.make_user(self.address(kind), language=self.language)


def send(language: str, now: datetime) -> dict[str, str]:
    """Make every kind of mail go out in a language, but those about a login; return sessions for those."""
    from tests.factories import registry

    office = registry.make_office(now, name=OFFICES[language], email=f"kantoor.{language}@mails.example")
    cast = Cast(language, now, office, software_key(now, "robaws"))
    about_access = (
        _codes,
        _busy_address,
        _enquiry,
        _member_links,
        _contact_change,
        _applications,
        _vendor_applications,
        _claims,
    )
    for part in (*about_access, _remarks, _replies, _destinations, _endpoint):
        part(cast)
    cast.person("password-reset")
    signed_in = ("address-confirmation", "security-notice")
    return {f"{kind} {language}": session_of(cast.person(kind)) for kind in signed_in}


def _codes(cast: Cast) -> None:
    from apps.tokens.services.requests import request_connection

    number = cast.company("token").enterprise_number
    request_connection(software=cast.key.software, vat=number, actor="t", now=cast.now)


def _busy_address(cast: Cast) -> None:
    """Let an address get its last code of the day; that the others went out is written down, not done."""
    from django.conf import settings

    from apps.tokens.models import AccessToken
    from apps.tokens.services.requests import request_connection

    companies = [cast.company("address-warning", name=f"{COMPANIES[cast.language]} {place}") for place in (1, 2, 3)]
    asked = [
        request_connection(software=cast.key.software, vat=company.enterprise_number, actor="t", now=cast.earlier)
        for company in companies
    ]
    tokens = [outcome.token for outcome in asked if outcome.token]
    last = cast.company("address-warning")
    of_others = settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY - len(tokens) - 1
    AccessToken.objects.bulk_create(
        AccessToken(
            request=token.request, company=token.company, software=token.software, digest=f"{uuid4().hex * 2}",
            state="superseded", sent_to=token.sent_to, issued_at=cast.earlier, expires_at=token.expires_at,
            mailed_at=cast.earlier, superseded_at=cast.earlier,
        )
        for token in (tokens[place % len(tokens)] for place in range(of_others))
    )  # fmt: skip
    request_connection(software=cast.key.software, vat=last.enterprise_number, actor="t", now=cast.now)


def _enquiry(cast: Cast) -> None:
    from apps.tokens.services.enquiries import enquire

    number = cast.company("enquiry").enterprise_number
    enquire(vat=number, software_slug=cast.key.software.slug, actor="visitor", now=cast.now)


def _member_links(cast: Cast) -> None:
    from apps.companies import members
    from apps.companies.rules import MemberRole
    from apps.users.models import MailedLink

    now = cast.now
    members.send_first_member_link(company_uuid=cast.company("first-member").uuid, actor="t", now=now)
    owner = cast.person("owner")
    members.invite_company_member(
        company_uuid=cast.company("owner", owner=owner).uuid, by=owner, address=cast.address("invitation"),
        role=MemberRole.MEMBER, language=cast.language, now=now,
    )  # fmt: skip
    company = cast.company("new-member-link")
    expired = members.send_first_member_link(company_uuid=company.uuid, actor="t", now=cast.earlier)
    MailedLink.objects.filter(pk=expired.pk).update(expires_at=now - timedelta(minutes=1))
    members.renew_company_link(link_uuid=expired.uuid, now=now)


def _contact_change(cast: Cast) -> None:
    from apps.companies.contacts import ask_contact_change

    owner = cast.person("contact-owner")
    company = cast.company("contact-notice", owner=owner)
    address = cast.address("contact-confirmation")
    ask_contact_change(company_uuid=company.uuid, address=address, asker=owner, now=cast.now)


def _applications(cast: Cast) -> None:
    from apps.accounting_offices import applications
    from apps.accounting_offices.models import AccountingOffice
    from tests.factories import registry

    def apply(kind: str, at: datetime) -> Any:
        return applications.apply_by_form(
            enterprise_number=registry.enterprise_number(), name=OFFICES[cast.language], email=cast.address(kind),
            language=cast.language, applicant="An", now=at,
        )  # fmt: skip

    apply("application-receipt", cast.now)
    approved = apply("application-approved", cast.earlier)
    # Its first member is there already: otherwise the link would be mailed to the same address.
    office = AccountingOffice.objects.get(enterprise_number=approved.enterprise_number)
    registry.make_member(cast.earlier, cast.person("partner"), office=office)
    applications.approve_application(application_uuid=approved.uuid, actor="t", now=cast.now)
    declined = apply("application-declined", cast.earlier)
    applications.decline_application(
        application_uuid=declined.uuid, reason=NOT_AN_OFFICE[cast.language], actor="t", now=cast.now
    )


def _vendor_applications(cast: Cast) -> None:
    from apps.tokens.services import applications
    from apps.tokens.services.registration import Registration

    def apply(kind: str, at: datetime) -> Any:
        name = f"{kind} {cast.language}"
        new = Registration(
            vendor_name=name, website="https://maker.example", email=cast.address(kind), language=cast.language,
            software_name=name, sector="", description=name,
        )  # fmt: skip
        return applications.apply_as_vendor(registration=new, now=at)

    apply("vendor-receipt", cast.now)
    refused = apply("vendor-refused", cast.earlier)
    applications.refuse_vendor_application(
        application_uuid=refused.uuid, reason=NOT_AN_OFFICE[cast.language], actor="t", now=cast.now
    )


def _claims(cast: Cast) -> None:
    from apps.accounting_offices.transfers import claim_client, confirm_transfer, refuse_claim
    from tests.factories import registry

    start = cast.now.date() + timedelta(days=20)

    def claim(company: Any, claimant: Any) -> Any:
        return claim_client(
            office_uuid=claimant.uuid, enterprise_number=company.enterprise_number, client_code="", starts_on=start,
            actor="t", now=cast.now,
        )  # fmt: skip

    asked = cast.other_office("claims", OFFICES[cast.language])
    company = registry.make_company(cast.now, office=asked, name=COMPANIES[cast.language], email=None)
    claim(company, cast.other_office("claimant"))
    taken = claim(cast.company("office-changes"), cast.other_office("transfer-confirmed"))
    confirm_transfer(link_uuid=taken.uuid, starts_on=start, actor="t", now=cast.now)
    kept = claim(cast.company("kept"), cast.other_office("claim-refused"))
    refuse_claim(link_uuid=kept.uuid, reason=STAYS[cast.language], actor="t", now=cast.now)


def _remarks(cast: Cast) -> None:
    from apps.invoices.services.bookings import ask_question, refuse_invoice
    from tests.factories.inbox import deliver

    for kind, say in (("invoice-question", ask_question), ("invoice-refusal", refuse_invoice)):
        (invoice,) = deliver(cast.earlier, cast.office, cast.company(kind), ["2026-0117"])
        say(invoice_uuid=invoice.uuid, text=NOT_AN_OFFICE[cast.language], actor="t", now=cast.now)


def _replies(cast: Cast) -> None:
    """Have a company answer its office's question, and another one correct what its office refused."""
    from apps.invoices.services.bookings import answer_question, ask_question, refuse_invoice
    from apps.invoices.services.intake import Upload, receive_invoice
    from tests.factories import registry
    from tests.factories.wire import make_document

    sent = []
    for kind in ("invoice-answer", "invoice-corrected"):
        office = cast.other_office(kind, OFFICES[cast.language])
        company = registry.make_company(cast.earlier, office=office, name=COMPANIES[cast.language], email=None)
        upload = Upload(company, cast.key.software, make_document(company), None)
        sent.append((company, receive_invoice(upload=upload, actor="t", now=cast.earlier).invoice.uuid))
    wait_for_worker()
    (_company, asked), (company, refused) = sent
    ask_question(invoice_uuid=asked, text=NOT_AN_OFFICE[cast.language], actor="t", now=cast.earlier)
    answer_question(invoice_uuid=asked, text=STAYS[cast.language], actor="t", now=cast.now)
    refuse_invoice(invoice_uuid=refused, text=NOT_AN_OFFICE[cast.language], actor="t", now=cast.earlier)
    corrected = Upload(company, cast.key.software, make_document(company, price="900.00"), None)
    receive_invoice(upload=corrected, actor="t", now=cast.now)


def _destinations(cast: Cast) -> None:
    """Have an invoice go to two mailboxes; the daily one is set up when there is something to collect."""
    from django.db import transaction

    from apps.delivery.destinations import add_mail_destination, record
    from apps.delivery.models import Destination
    from apps.delivery.queueing import push_again
    from apps.delivery.rules import Channel
    from apps.invoices.models import Invoice
    from apps.invoices.services.intake import Upload, receive_invoice
    from tests.factories import registry
    from tests.factories.destinations import make_mailbox
    from tests.factories.wire import make_document

    now, earlier = cast.now, cast.earlier
    asked = cast.address("destination-confirmation")
    add_mail_destination(office=cast.office, company=None, channel=Channel.EMAIL, address=asked, actor="t", now=now)
    office = cast.other_office("destination-failing", OFFICES[cast.language])
    company = registry.make_company(earlier, office=office, name=COMPANIES[cast.language], email=None)
    make_mailbox(earlier, office, address=cast.address("delivered-invoice"))
    upload = Upload(company, cast.key.software, make_document(company), None)
    invoice = receive_invoice(upload=upload, actor="t", now=now).invoice
    wait_for_worker()
    with transaction.atomic():
        daily = make_mailbox(earlier, office, channel=Channel.EMAIL_DAILY, address=cast.address("daily-invoices"))
        sent = Invoice.objects.select_related("company").filter(pk=invoice.pk)
        push_again(invoices=list(sent), office=office, now=earlier, destination=daily)
        failing = make_mailbox(earlier, office, address="weg@example.be")
        Destination.objects.filter(pk=failing.pk).update(
            failures=7, failing_since=earlier, office_told_at=now, failure_code="address_refused",
            failure_answer="550 5.1.1 There is no such mailbox", retry_at=now + timedelta(hours=1),
        )  # fmt: skip
        record("destination.failing", failing, actor="system", now=now)


def _endpoint(cast: Cast) -> None:
    """Have an endpoint of a software paused, as after three days of failures."""
    from django.db import transaction

    from apps.events import services as events
    from apps.tokens.models import Software, Vendor
    from apps.webhooks.models import Endpoint
    from apps.webhooks.results import STOPPED
    from apps.webhooks.services import add_endpoint

    name = f"Maker {cast.language}"
    vendor = Vendor.objects.create(name=name, email=cast.address("endpoint-stopped"), language=cast.language)
    software = Software.objects.create(vendor=vendor, slug=f"maker-{cast.language}", name=name, state="live")
    endpoint = add_endpoint(
        software=software, url="https://hooks.maker.example/codabox", topics=["invoice.accepted"], actor="t",
        now=cast.now,
    ).endpoint  # fmt: skip
    with transaction.atomic():
        Endpoint.objects.filter(pk=endpoint.pk).update(
            state="paused", stop_code="status_refused", failures=40, failing_since=cast.earlier,
            failure_code="status_refused", failure_answer="Service Unavailable",
        )  # fmt: skip
        events.record(STOPPED, subject_uuid=endpoint.uuid, actor="system", now=cast.now, payload={})


def ask_about_logins(chromium: Browser, base: str, sessions: Mapping[str, str]) -> None:
    """Do in the browsers of people what is mailed about their logins."""
    for language in LANGUAGES:
        visitor = Person(chromium, base, language=language)
        for kind in ("password-reset", "unknown-login"):
            fill(email=address_of(kind, language))(visitor.open("/accounts/password/reset/"))
        visitor.close()
        adding = Person(chromium, base, session=sessions[f"address-confirmation {language}"], language=language)
        confirm_it_is_me(adding.open("/accounts/email/"))
        # Each address that is there already has a form of its own.
        adding.page.locator("main input[type=email]").fill(f"new.{address_of('address-confirmation', language)}")
        adding.page.locator("main [name=action_add]").click()
        adding.page.wait_for_load_state()
        confirm_it_is_me(adding.page)
        adding.close()
        changing = Person(chromium, base, session=sessions[f"security-notice {language}"], language=language)
        confirm_it_is_me(changing.open("/accounts/password/change/"))
        new = f"{PASSWORD} {language}"
        fill(oldpassword=PASSWORD, password1=new, password2=new)(changing.page)
        changing.close()


def main() -> None:
    """Send them and print the sessions."""
    set_up()
    from apps.core import clock
    from tests.factories import registry

    # The demo's firms have the first numbers, the gallery's the next.
    registry.numbers = count(2_000_001)
    sessions: dict[str, str] = {}
    for language in LANGUAGES:
        sessions |= send(language, clock.now())
    wait_for_worker()
    json.dump(sessions, sys.stdout)


if __name__ == "__main__":
    main()
