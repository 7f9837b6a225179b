"""Every mail that the service sends, in each of its forms, written to invented readers.

Needs a database for the links that some mails carry; whoever looks at the pictures throws what is in it away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.mail import EmailMultiAlternatives

from apps.accounting_offices import emails as office_mails
from apps.accounting_offices.models import AccountingOffice, ClientLink, OfficeApplication
from apps.companies import emails as company_mails
from apps.companies.models import Company, ContactChange, ContactEmail
from apps.delivery import emails as delivery_mails
from apps.delivery.archives import ArchivedDocument, ArchivedFile
from apps.delivery.models import Destination
from apps.invoices import emails as invoice_mails
from apps.invoices.models import Invoice, Remark
from apps.tokens import emails as token_mails
from apps.tokens.models import (
    AccessToken,
    AddressWarning,
    ConnectionEnquiry,
    ConnectionRequest,
    Software,
    Vendor,
    VendorApplication,
)
from apps.tokens.rules import Check, MailsTo
from apps.users import emails as login_mails
from apps.users.models import MailedLink
from apps.users.rules import ASKED_BY_READER, LinkPurpose, SecurityChange
from apps.webhooks import emails as webhook_mails
from apps.webhooks.models import Endpoint

LANGUAGES: Final = ("nl", "fr", "en", "de")
COMPANIES: Final = {
    "nl": "Bakkerij De Gouden Korst BV",
    "fr": "Établissements Lefèvre & Fils SRL",
    "de": "Bäckerei Müller & Söhne GmbH",
    "en": "O'Neill & Partners NV",
}
LONG_NAME: Final = "De Zeer Lange Naam van een Coöperatieve Vennootschap met Beperkte Aansprakelijkheid"
OFFICES: Final = {
    "nl": "Boekhoudkantoor Peeters & Vennoten",
    "fr": "Fiduciaire de l’Hôpital",
    "de": "Steuerberatung Grünwälder",
    "en": "Ledger & Co",
}
MAKERS: Final = dict.fromkeys(LANGUAGES, "Robaws BV")
NOT_AN_OFFICE: Final = {
    "nl": "Het ondernemingsnummer is geen boekhoudkantoor.",
    "fr": "Ce numéro d’entreprise n’est pas celui d’un bureau comptable.",
    "de": "Diese Unternehmensnummer gehört keinem Buchhaltungsbüro.",
    "en": "This enterprise number is not an accounting office.",
}
STAYS: Final = {
    "nl": "De klant blijft bij ons tot het einde van het boekjaar.",
    "fr": "Le client reste chez nous jusqu’à la fin de l’exercice.",
    "de": "Der Kunde bleibt bis zum Jahresende bei uns.",
    "en": "The client stays with us until the end of the year.",
}
_readers = count(1)


@dataclass(frozen=True)
class Example:
    """One mail: the name of its templates, and what sets it apart from others with the same ones."""

    name: str
    state: str
    message: EmailMultiAlternatives

    @property
    def html(self) -> str:
        """Return its HTML part; what the sign-in library sends has none."""
        return next((str(content) for content, kind in self.message.alternatives if kind == "text/html"), "")


@dataclass(frozen=True)
class Cast:
    """Who writes to whom, when."""

    language: str
    now: datetime

    def company(self, number: str = "0403019261", name: str = "") -> Company:
        """Return a company with an address on file."""
        company = Company(
            enterprise_number=number, name=name or COMPANIES[self.language], language=self.language,
            created_at=self.now,
        )  # fmt: skip
        ContactEmail(company=company, address="info@example.be", on_file_at=self.now)
        return company

    def office(self, number: str = "0403170701", name: str = "") -> AccountingOffice:
        """Return an accounting office."""
        return AccountingOffice(
            enterprise_number=number, name=name or OFFICES[self.language], email="kantoor@example.be",
            language=self.language,
        )  # fmt: skip

    def software(self, slug: str = "octopus", name: str = "Octopus") -> Software:
        """Return a software."""
        return Software(vendor=Vendor(name="Maker"), slug=slug, name=name)

    def link(
        self, purpose: LinkPurpose, subject: UUID, *, role: str = "owner", made_by: str = "somebody"
    ) -> MailedLink:
        """Return a link that was mailed to a reader of its own."""
        return MailedLink.objects.create(
            purpose=purpose, subject_uuid=subject, address=f"lezer{next(_readers)}@example.be", role=role,
            language=self.language, made_by=made_by, made_at=self.now, expires_at=self.now + timedelta(days=7),
        )  # fmt: skip


def examples(language: str, now: datetime) -> Iterator[Example]:
    """Write every mail in a language."""
    cast = Cast(language, now)
    about_access = (
        _tokens,
        _warnings,
        _members,
        _addresses,
        _applications,
        _vendor_applications,
        _enquiries,
        _claims,
        _accounts,
    )
    for part in (*about_access, _remarks, _destinations, _endpoints):
        for name, state, message in part(cast):
            yield Example(name, state, message)


Written = Iterator[tuple[str, str, Any]]


def _tokens(cast: Cast) -> Written:
    packages = [cast.software(), cast.software("robaws", "Robaws"), cast.software("comanage", "CoManage")]
    for software in packages:
        for purpose in ("connect", "rotate", "replace_stolen") if software is packages[0] else ("connect",):
            for with_link in (False, True):
                state = f"{purpose}-{software.slug}{'-link' if with_link else ''}".replace("_", "-")
                yield "token", state, token_mails.token_mail(_token(cast, software, purpose, with_link=with_link))


def _token(cast: Cast, software: Software, purpose: str, *, with_link: bool) -> AccessToken:
    company = cast.company()
    request = ConnectionRequest(
        software=software, enterprise_number=company.enterprise_number, company=company, purpose=purpose,
        requested_at=cast.now,
    )  # fmt: skip
    token = AccessToken(
        request=request, company=company, software=software, sent_to="info@example.be", issued_at=cast.now,
        expires_at=cast.now + timedelta(days=14),
    )  # fmt: skip
    if with_link:
        cast.link(LinkPurpose.COMPANY_FIRST_MEMBER, company.uuid, made_by=token.letter)
    return token


def _warnings(cast: Cast) -> Written:
    own, long = COMPANIES[cast.language], LONG_NAME
    many = [("0403019261", own, 20), ("0403170701", long, 12), ("0202239951", "Proximus", 1)]
    for state, number, companies, more in (
        ("many", 50, many, 12),
        ("one", 20, [("0403019261", own, 20)], 0),
        ("one-more", 20, [("0403019261", own, 19)], 1),
    ):
        mails = MailsTo(
            language=cast.language, count=number, companies=companies, more_companies=more,
            oldest_at=cast.now - timedelta(hours=20),
        )  # fmt: skip
        warning = AddressWarning(address="info@example.be", warned_at=cast.now)
        yield "address-warning", state, token_mails.address_warning_mail(warning, mails)


def _members(cast: Cast) -> Written:
    for kind, first, invitation, names in (
        ("company", LinkPurpose.COMPANY_FIRST_MEMBER, LinkPurpose.COMPANY_INVITATION, COMPANIES),
        ("office", LinkPurpose.OFFICE_FIRST_MEMBER, LinkPurpose.OFFICE_INVITATION, OFFICES),
        ("vendor", LinkPurpose.VENDOR_FIRST_MEMBER, LinkPurpose.VENDOR_INVITATION, MAKERS),
    ):
        number = "" if kind == "vendor" else "0403019261"
        place, subject = company_mails.Place(kind, names[cast.language], number), uuid4()
        for name, state, link in (
            ("first-member", kind, cast.link(first, subject)),
            ("invitation", f"{kind}-member", cast.link(invitation, subject, role="member")),
            ("invitation", f"{kind}-owner", cast.link(invitation, subject)),
            ("new-member-link", f"{kind}-first", cast.link(first, subject, made_by=ASKED_BY_READER)),
            ("new-member-link", kind, cast.link(invitation, subject, role="member", made_by=ASKED_BY_READER)),
        ):
            yield name, state, company_mails.member_link_mail(link, place)


def _addresses(cast: Cast) -> Written:
    company = cast.company()
    change = ContactChange(
        company_uuid=company.uuid, link=cast.link(LinkPurpose.CONTACT_CONFIRMATION, company.uuid, role=""),
        former_address="info@example.be", asked_at=cast.now,
    )  # fmt: skip
    yield "contact-confirmation", "full", company_mails.contact_confirmation(change, company)
    yield "contact-notice", "full", company_mails.contact_notice(change, company)


def _applications(cast: Cast) -> Written:
    application = OfficeApplication(
        enterprise_number="0403170701", name=OFFICES[cast.language], email="kantoor@example.be",
        language=cast.language, applicant="An", applied_at=cast.now,
    )  # fmt: skip
    yield "application-receipt", "full", office_mails.application_receipt(application)
    for state, reason in (("approved", ""), ("declined", NOT_AN_OFFICE[cast.language])):
        application.state, application.reason = state, reason
        yield f"application-{state}", "full", office_mails.application_decision(application, decided_at=cast.now)


def _vendor_applications(cast: Cast) -> Written:
    application = VendorApplication(
        vendor_name=MAKERS[cast.language], software_name=LONG_NAME, email="dev@example.be", language=cast.language,
        state="refused", reason=STAYS[cast.language], applied_at=cast.now,
    )  # fmt: skip
    yield "vendor-receipt", "full", token_mails.vendor_receipt(application)
    yield "vendor-refused", "full", token_mails.vendor_refusal(application, decided_at=cast.now)


def _enquiries(cast: Cast) -> Written:
    company, checks = cast.company(), [check for check in Check if check is not Check.MAIL_AVAILABLE]
    named = ConnectionEnquiry(enterprise_number=company.enterprise_number, software=cast.software(), asked_at=cast.now)
    passed = [(check, True) for check in checks]
    yield "enquiry", "yes", token_mails.enquiry_answer(named, company, made=passed)
    with_link = ConnectionEnquiry(
        enterprise_number=company.enterprise_number, software=None, asked_at=cast.now,
        link=cast.link(LinkPurpose.COMPANY_FIRST_MEMBER, company.uuid),
    )  # fmt: skip
    yield "enquiry", "yes-link", token_mails.enquiry_answer(with_link, company, made=passed)
    # A company that is not known has no address to mail.
    for place, check in list(enumerate(checks))[1:]:
        made = [*passed[:place], (check, False)]
        yield "enquiry", f"no-{check.value.replace('_', '-')}", token_mails.enquiry_answer(named, company, made=made)


def _claims(cast: Cast) -> Written:
    other = cast.office("0202239951", "Accountants Van den Bossche – Delacroix BV")

    def claim(company: Company, **days: Any) -> ClientLink:
        return ClientLink(company=company, office=other, claimed_at=cast.now, **days)

    first_of_april = date(2026, 4, 1)
    company = cast.company()
    numbers = (("0403019261", ""), ("0403170701", LONG_NAME), ("0202239951", "Proximus"))
    several = [
        claim(cast.company(*who), claimed_from=first_of_april if place else None) for place, who in enumerate(numbers)
    ]
    for state, claims in (
        ("one", [claim(company, claimed_from=first_of_april)]), ("no-day", [claim(company)]), ("many", several),
    ):  # fmt: skip
        yield "claims", state, office_mails.claims_notice(cast.office(), claims, listed=2)
    started = claim(company, starts_on=first_of_april)
    yield "transfer-confirmed", "full", office_mails.transfer_confirmed(started, written_at=cast.now)
    refused = claim(company, refusal=STAYS[cast.language])
    yield "claim-refused", "full", office_mails.claim_refused(refused, written_at=cast.now)
    yield "office-changes", "full", office_mails.office_changes(started, "info@example.be", written_at=cast.now)


def _remarks(cast: Cast) -> Written:
    company = cast.company()
    for kind, document_type, text in (
        ("question", "invoice", STAYS[cast.language]),
        ("question", "credit_note", "1\n\n" + "x" * 200),
        ("refusal", "invoice", NOT_AN_OFFICE[cast.language]),
    ):
        invoice = Invoice(
            company=company, document_type=document_type, number="2026-0117", issue_date=date(2026, 11, 19),
            currency="EUR", total_amount=Decimal("1210.00"), customer_name="O'Neill & Partners NV",
        )  # fmt: skip
        remark = Remark(invoice=invoice, kind=kind, text=text, actor="user:1", made_at=cast.now)
        message = invoice_mails.remark_mail(
            remark, to="an@example.be", language=cast.language, office_name=OFFICES[cast.language]
        )
        yield f"invoice-{kind}", document_type.replace("_", "-"), message
        invoice.office = cast.office()
        reader = {"to": "els@example.be", "language": cast.language}
        if kind == "question":
            answer = Remark(invoice=invoice, kind="answer", text="Gent.\n\nAalst.", actor="user:2", made_at=cast.now)
            yield "invoice-answer", document_type, invoice_mails.answer_mail(answer, remark, **reader)
        corrected = invoice_mails.correction_mail(remark, version=2, corrected_at=cast.now, **reader)
        yield "invoice-corrected", f"{kind} {document_type}", corrected


def _accounts(cast: Cast) -> Written:
    """Write what is mailed about somebody's login."""
    to = login_mails.Recipient("info@example.be", cast.language)
    links = {
        "activate_url": "http://localhost:8000/accounts/confirm-email/MjU:1vxKqB:N7W0M0dYUj3ukl1kLw3fQ4o-abc/",
        "password_reset_url": "http://localhost:8000/accounts/password/reset/key/2-cxq7ae-0a1b2c3d4e5f67890/",
    }
    yield "address-confirmation", "full", login_mails.address_confirmation(to, context=links, now=cast.now)
    yield "password-reset", "full", login_mails.password_reset(to, context=links, now=cast.now)
    yield "unknown-login", "full", login_mails.unknown_login(to, context=links, now=cast.now)
    for change in (SecurityChange.PASSWORD_CHANGED, SecurityChange.PASSKEY_ADDED, SecurityChange.REMOVED_BY_STAFF):
        state = change.value.replace("_", "-")
        notice = login_mails.security_notice(to, change=change, ip="192.0.2.7", now=cast.now)
        yield "security-notice", state, notice


def _endpoints(cast: Cast) -> Written:
    software = cast.software()
    software.vendor.email, software.vendor.language = "dev@maker.example", cast.language
    for state, code, answer in (("failing", "status_refused", '{"error": "busy"}'), ("gone", "gone", "")):
        endpoint = Endpoint(
            software=software, url="https://hooks.maker.example/codabox/incoming", state="paused", state_at=cast.now,
            stop_code=code, failing_since=cast.now, failure_answer=answer,
        )  # fmt: skip
        yield "endpoint-stopped", state, webhook_mails.endpoint_stopped(endpoint)


def _destinations(cast: Cast) -> Written:
    """Write what brings invoices to an office's mailbox, and what is said about that mailbox."""
    office, company = cast.office(), cast.company()
    for state, channel, client in (("own", "email", company), ("daily", "email_daily", None)):
        place = Destination(office=office, company=client, channel=channel, wanted_address="boek@example.be")
        link = cast.link(LinkPurpose.DESTINATION_CONFIRMATION, place.uuid, role="")
        yield "destination-confirmation", state, delivery_mails.destination_confirmation(place, link)
    failing = Destination(
        office=office, company=company, channel="email", address="boek@example.be", failures=7,
        failing_since=cast.now, failure_code="address_refused", failure_answer="550 5.1.1 There is no such mailbox",
    )  # fmt: skip
    yield "destination-failing", "full", delivery_mails.destination_failing(failing, told_at=cast.now)
    failing.failure_code = "address_bounced"
    yield "destination-failing", "returned", delivery_mails.destination_failing(failing, told_at=cast.now)
    for state, version, occasion, endings in (
        ("first", 1, "arrival", ("xml", "pdf")), ("correction", 2, "arrival", ("xml", "pdf")),
        ("backfill", 1, "backfill", ("xml",)), ("again", 1, "again", ()),
    ):  # fmt: skip
        document = ArchivedDocument(
            client_code="K100" if endings else "", enterprise_number=company.enterprise_number,
            company_name=company.name, document_type="credit_note" if version > 1 else "invoice", number="2026-0117",
            version=version, issue_date=date(2026, 11, 19), customer_name=LONG_NAME, currency="EUR",
            total_amount=Decimal("1842.63"), occasion=occasion, left_out="" if len(endings) == 2 else "http://x/",
            files=[ArchivedFile(ending, lambda: b"<a/>") for ending in endings],
        )  # fmt: skip
        parcel = delivery_mails.InvoiceParcel(uuid4(), failing, document, cast.now)
        yield "delivered-invoice", state, delivery_mails.invoice_message(parcel)
    for state, count_of, part, backfilled in (("one", 1, 1, 0), ("many", 214, 2, 12)):
        figures = delivery_mails.DailyFigures(
            count=count_of, clients=min(count_of, 20), backfilled=backfilled, left_out=min(backfilled, 2), part=part,
            parts=3 if part > 1 else 1,
        )  # fmt: skip
        yield "daily-invoices", state, delivery_mails.daily_message(failing, uuid4(), cast.now, figures, b"PK")
