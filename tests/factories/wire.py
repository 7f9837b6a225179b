"""A client of the wire API, as a software would be."""

import base64
import io
import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.companies.models import Company
from apps.invoices.ubl import DraftLine, DraftParty, InvoiceDraft, build_invoice
from apps.statements.coda.writer import MovementDraft, StatementDraft, write_file
from tests.factories.registry import Connected

REFERENCE = "090933755493"


class Software:
    """Calls the wire API with a software key and, once connected, a login."""

    def __init__(self, key: str, username: str = "", password: str = "", *, language: str = "en") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"X-Software-Company": key, "Accept-Language": language}
        if username:
            pair = base64.b64encode(f"{username}:{password}".encode()).decode()
            self.headers["Authorization"] = f"Basic {pair}"

    @classmethod
    def of(cls, connected: Connected) -> "Software":
        """Return the client of a connected company."""
        return cls(connected.key, connected.username, connected.password)

    def get(self, path: str) -> Any:
        """GET under /v2/."""
        return self.client.get(f"/v2/{path}", headers=self.headers)

    def post(self, path: str, body: Any) -> Any:
        """POST JSON under /v2/."""
        return self.client.post(f"/v2/{path}", json.dumps(body), content_type="application/json", headers=self.headers)

    def put(self, path: str, body: Any) -> Any:
        """PUT JSON under /v2/."""
        return self.client.put(f"/v2/{path}", json.dumps(body), content_type="application/json", headers=self.headers)

    def upload(self, document: bytes, pdf: bytes | None = None) -> Any:
        """Upload a document with its PDF beside it."""
        parts: dict[str, Any] = {"file": SimpleUploadedFile("invoice.xml", document, "application/xml")}
        if pdf is not None:
            parts["pdf"] = SimpleUploadedFile("invoice.pdf", pdf, "application/pdf")
        return self.client.post("/v2/sales-invoices/upload/", parts, headers=self.headers)

    def validate(self, document: bytes, pdf: bytes | None = None) -> Any:
        """Have a document judged; a worker must answer meanwhile (`tests.support.worker`)."""
        parts: dict[str, Any] = {"file": SimpleUploadedFile("invoice.xml", document, "application/xml")}
        if pdf is not None:
            parts["pdf"] = SimpleUploadedFile("invoice.pdf", pdf, "application/pdf")
        return self.client.post("/v2/sales-invoices/validate/", parts, headers=self.headers)

    def feed_id(self) -> int:
        """Return the id of the caller's first feed."""
        return int(self.get("delivery/pod-client/").json()["feed_clients"][0]["id"])

    def entries(self) -> list[dict[str, Any]]:
        """Return the unmarked entries of the caller's first feed."""
        feed = self.get(f"delivery/feed/{self.feed_id()}/").json()
        return list(feed["feed_entries"])


@dataclass(frozen=True)
class Supplier:
    """What a document needs to know of the company that sends it, where there is no row at hand."""

    enterprise_number: str
    name: str


def make_document(
    company: Company | Supplier,
    *,
    number: str = "2026-0117",
    reference: str | None = REFERENCE,
    price: str = "1000.00",
    issue_date: date = date(2026, 11, 19),
    customer: str = "Klant NV",
    credit_note: bool = False,
    pdf: bytes | None = None,
    about: str | None = None,
    buyer: str = "0101000160",
    terms: str | None = None,
    currency: str = "EUR",
) -> bytes:
    """Return a UBL document of a company: one line at 21 % VAT."""
    return build_invoice(
        InvoiceDraft(
            number=number,
            issue_date=issue_date,
            due_date=None if credit_note else max(issue_date + timedelta(days=30), date(2026, 12, 19)),
            currency=currency,
            supplier=DraftParty(
                name=company.name, street="Straat 1", postcode="9000", city="Gent",
                enterprise_number=company.enterprise_number,
            ),
            customer=DraftParty(
                name=customer, street="Laan 2", postcode="1000", city="Brussel", enterprise_number=buyer
            ),
            lines=(
                DraftLine(
                    description="Herstelling", quantity=Decimal(1), unit_price=Decimal(price), vat_percent=Decimal(21)
                ),
            ),
            structured_communication=reference,
            iban="BE68539007547034",
            credit_note=credit_note,
            preceding_invoice=about,
            payment_terms=terms,
            pdf=pdf,
        )
    )  # fmt: skip


def make_pdf(*, runs: str = "") -> bytes:
    """Return a PDF of one empty page; one that `runs` a script when it is opened, where that is given."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    if runs:
        pdf.Root.OpenAction = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(runs)))
    kept = io.BytesIO()
    pdf.save(kept, deterministic_id=True)
    return kept.getvalue()


def make_coda(iban: str, *movements: MovementDraft, number: int = 214, day: date = date(2026, 11, 24)) -> bytes:
    """Return a bank's file with one statement of an account."""
    return write_file(
        [
            StatementDraft(
                iban=iban, bic="GKCCBEBB", holder_name="Houder", enterprise_number="0123456749", number=number,
                creation_date=day, old_balance=Decimal("1000.00"), old_balance_date=date(2026, 11, 23),
                new_balance_date=day, movements=movements,
            )
        ]
    )  # fmt: skip


def credit(amount: str, reference: str = REFERENCE, *, iban: str = "BE71096123456769") -> MovementDraft:
    """Return money that came in with a structured communication; negative when it left again."""
    return MovementDraft(
        amount=Decimal(amount), entry_date=date(2026, 11, 24), value_date=date(2026, 11, 24),
        structured_communication=reference, counterparty_name="Klant NV", counterparty_iban=iban,
    )  # fmt: skip
