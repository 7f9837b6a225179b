"""The walk of one package, from its request to a paid invoice, in three parts; each step leaves its mark.

The parts are apart because the bank's files of all packages come in at once, and so do the redeliveries.
"""

import http.client
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeVar

from apps.core.structured_communication import make_structured_communication
from apps.invoices.ubl import DraftLine, DraftParty, InvoiceDraft, build_invoice
from tests.conformance.calling import Caller, Unexpected
from tests.conformance.profiles import PROFILES, Payment, Pdf, Profile, Retry, Sending
from tests.factories.wire import make_pdf
from tests.journeys.instances import Instance, eventually
from tests.journeys.mail import tokens_for

T = TypeVar("T")
UBL_BE: Final = "urn:cen.eu:en16931:2017#conformant#urn:UBL.BE:1.0.0.20180214"
UPLOAD: Final = "sales-invoices/upload"
AMOUNT: Final = "1210.00"
_SECONDS: Final = 90


@dataclass
class Walk:
    """One package on its way: `marks` are its steps in order, each with whether it went as it should."""

    profile: Profile
    caller: Caller
    instance: Instance
    company: dict[str, str]
    refused_number: str
    marks: list[tuple[str, bool]] = field(default_factory=list)
    feed: int = 0
    invoice: str = ""
    entry: str = ""

    @property
    def is_ok(self) -> bool:
        """Tell whether every step went as it should."""
        return bool(self.marks) and all(went_well for _name, went_well in self.marks)

    @property
    def reference(self) -> str:
        """Return the structured communication of the invoice that will be paid."""
        return make_structured_communication(1_800_000_001 + PROFILES.index(self.profile))

    def connect_and_send(self) -> None:
        """Walk until everything is sent and nothing waits in the feed."""
        self._step("refusal", self._be_refused)
        self._step("request", self._request)
        self._step("lost-credentials", self._exchange)
        self._step("nothing-new", self._poll_nothing)
        if self.profile.checks_first:
            self._step("check", self._check)
        first = [("lost-answer", self._send_and_hear_nothing), ("credit-note", self._send_credit_note)]
        later = [("invoice", self._see_invoice_accepted), ("correction", self._correct)]
        if self.profile.sending is Sending.ONE_BY_ONE:
            first[1:1] = [later.pop(0)]
        for name, work in first + later:
            self._step(name, work)
        self.caller.close()

    def read_payment(self) -> None:
        """Walk on once the bank's file came in."""
        self._step("statement", self._read_statement)
        self._step("payment", self._see_paid)
        self.caller.close()

    def read_again(self) -> None:
        """Walk on once a redelivery was asked for."""
        self._step("redelivery", self._read_redelivery)
        self.caller.close()

    def _step(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 # whatever it was, the mark says that it went wrong, and the others go on
            sys.stderr.write(f"{self.profile.name}, {name}: {type(error).__name__}: {error}\n")
            self.marks.append((name, False))
            self.caller.close()
        else:
            self.marks.append((name, True))

    # Connecting.

    def _ask(self, number: str) -> Any:
        spelled = self.profile.vat.format(
            number=number, short=number[1:], dotted=f"{number[:4]}.{number[4:7]}.{number[7:]}"
        )
        return self.caller.send_json("POST", "request-access-token/invoicing-software", {"vat": spelled})

    def _be_refused(self) -> None:
        body = self._ask(self.refused_number).wanted(404, 409).json
        _see(body["code"] == self.profile.refused_for and body["request"]["state"] == "waiting", body)
        told = self.caller.get(f"connection-requests/{body['request']['id']}").wanted(200).json
        _see(told["refusal"]["code"] == self.profile.refused_for, told)

    def _request(self) -> None:
        body = self._ask(self.company["number"]).wanted(201).json
        _see(body["code"] == "token_sent", body)

    def _exchange(self) -> None:
        token = _until(lambda: tokens_for(self.instance, self.company["email"]))[-1]
        self.caller.lose(f"get-credentials/{token}")
        self.caller.sign_in(self.caller.get(f"get-credentials/{token}").wanted(200).json)
        _see(self.caller.get("connection").wanted(200).json["state"] == "active", "")

    def _poll_nothing(self) -> None:
        pod = self.caller.get("delivery/pod-client").wanted(200).json
        (client,) = pod["feed_clients"]
        self.feed = client["id"]
        _see(self._entries("feed") == [], "the feed is not empty")

    # Sending.

    def _draft(self, number: str, **changes: Any) -> InvoiceDraft:
        draft = InvoiceDraft(
            number=number, issue_date=date(2026, 11, 19), due_date=date(2026, 12, 19), currency="EUR",
            supplier=DraftParty(
                name=self.company["name"], street="Straat 1", postcode="9000", city="Gent",
                enterprise_number=self.company["number"],
            ),
            customer=DraftParty(
                name="Klant NV", street="Laan 2", postcode="1000", city="Brussel", enterprise_number="0101000160"
            ),
            lines=(
                DraftLine(
                    description="Werk", quantity=Decimal(1), unit_price=Decimal("1000.00"), vat_percent=Decimal(21)
                ),
            ),
            structured_communication=self.reference, iban=self.company["iban"],
            pdf=make_pdf() if self.profile.pdf is Pdf.EMBEDDED else None,
        )  # fmt: skip
        if self.profile.is_ubl_be:
            draft = replace(draft, customization_id=UBL_BE)
        return replace(draft, **changes)

    @property
    def _beside(self) -> bytes | None:
        return make_pdf() if self.profile.pdf is Pdf.BESIDE else None

    def _check(self) -> None:
        document = build_invoice(self._draft("C-1"))
        # A service that is busy says so, and is asked again.
        verdict = _until(lambda: self._ask_verdict(document))
        _see(verdict["verdict"] == "accepted", verdict)

    def _ask_verdict(self, document: bytes) -> Any:
        answer = self.caller.upload("sales-invoices/validate", document, self._beside).wanted(200, 503)
        return answer.json if answer.status == http.client.OK else None

    def _send_and_hear_nothing(self) -> None:
        document, key = build_invoice(self._draft("C-1")), ""
        if self.profile.retry is Retry.SAME_KEY:
            key = f"C-1 of {self.company['number']}".replace(" ", "-")
        self.caller.lose_upload(UPLOAD, document, self._beside, key=key)
        if self.profile.retry is Retry.LOOKS_FIRST and (there := self._find("C-1")):
            self.invoice = there
            return
        again = self.caller.upload(UPLOAD, document, self._beside, key=key).wanted(201 if key else 200)
        _see(again.headers["Idempotency-Replayed"] == ("true" if key else None), again.headers)
        self.invoice = again.json["id"]
        # The list ends before what others are still writing, so it may come a moment later.
        listed = _until(lambda: [row["id"] for row in self._changes() if row["invoice_number"] == "C-1"])
        _see(listed == [self.invoice], listed)

    def _see_invoice_accepted(self) -> None:
        self._wait_for(self.invoice, state="accepted")
        deliveries = _until(lambda: self._read(self.invoice)["deliveries"])
        _see({row["channel"] for row in deliveries} >= {"inbox", "feed"}, deliveries)

    def _send_credit_note(self) -> None:
        draft = self._draft(
            "C-2", credit_note=True, due_date=None, preceding_invoice="C-0", structured_communication=None
        )
        sent = self.caller.upload(UPLOAD, build_invoice(draft), self._beside).wanted(201).json
        _see(sent["document_type"] == "credit_note", sent)
        self._wait_for(sent["id"], state="accepted")

    def _correct(self) -> None:
        draft = self._draft("C-1", payment_terms="Te betalen binnen dertig dagen")
        sent = self.caller.upload(UPLOAD, build_invoice(draft), self._beside).wanted(201).json
        _see((sent["id"], sent["version"]) == (self.invoice, 2), sent)
        self._wait_for(self.invoice, version=2, state="accepted")

    # Reading.

    def _read_statement(self) -> None:
        entries = _until(partial(self._entries, "feed"))
        metadata = entries[-1]["metadata"]
        _see(metadata["iban"] == self.company["iban"] and metadata["movement_count"] == 1, metadata)
        self.entry = entries[-1]["feed_index"]
        for entry in entries:
            papers = [self._download("download", entry["feed_index"], kind) for kind in self.profile.reads]
            if self.profile.payment is Payment.STATEMENT:
                _see(any(self.reference.encode() in paper for paper in papers), "the payment is not in the statement")
            if self.profile.marks_each or entry is entries[-1]:
                self._mark("feed", entry["feed_index"])
        _see(self._entries("feed") == [], "the feed is not empty after marking")

    def _see_paid(self) -> None:
        look = {
            Payment.INVOICE: lambda: self._read(self.invoice)["payment_state"] == "paid",
            Payment.CHANGES: lambda: any(
                row["id"] == self.invoice and row["payment_state"] == "paid" for row in self._changes()
            ),
            Payment.PAYMENTS: self._is_paid_by_its_payments,
            Payment.MOVEMENTS: self._is_paid_by_money,
            Payment.STATEMENT: lambda: self._read(self.invoice)["open_amount"] == "0.00",
        }[self.profile.payment]
        _until(look)

    def _is_paid_by_its_payments(self) -> bool:
        told = self.caller.get(f"sales-invoices/{self.invoice}/payments").wanted(200).json
        return told["payment_state"] == "paid" and [row["amount"] for row in told["allocations"]] == ["1210.000"]

    def _is_paid_by_money(self) -> bool:
        told = self.caller.get("movements").wanted(200).json
        given = [given for row in told["results"] for given in row["allocations"]]
        return [(row["invoice"], row["amount"]) for row in given] == [(self.invoice, "1210.000")]

    def _read_redelivery(self) -> None:
        (entry,) = self._entries("redownload-feed")
        _see(entry["feed_index"] == self.entry, entry)
        for kind in self.profile.reads:
            self._download("redownload", self.entry, kind)
        self._mark("redownload-feed", self.entry)
        _see(self._entries("redownload-feed") == [], "the redelivery is still listed")

    def _entries(self, kind: str) -> list[dict[str, Any]]:
        return list(self.caller.get(f"delivery/{kind}/{self.feed}").wanted(200).json["feed_entries"])

    def _download(self, way: str, index: str, kind: str) -> bytes:
        spelled = index.upper() if self.profile.has_capital_ids else index
        answer = self.caller.get(f"delivery/{way}/{spelled}/{kind}").wanted(200)
        types = {"cod": "application/vnd.coda", "xml": "application/xml", "pdf": "application/pdf"}
        _see(answer.headers["Content-Type"] == types[kind], answer.headers["Content-Type"])
        _see(kind == "pdf" or answer.content.isascii(), "not ASCII")
        return answer.content

    def _mark(self, kind: str, index: str) -> None:
        body = {"id": self.feed, "feed_offset": index}
        marked = self.caller.send_json("PUT", f"delivery/{kind}/{self.feed}", body).wanted(200).json
        _see(marked == body, marked)

    def _read(self, invoice: str) -> dict[str, Any]:
        return dict(self.caller.get(f"sales-invoices/{invoice}").wanted(200).json)

    def _changes(self) -> list[dict[str, Any]]:
        return list(self.caller.get("sales-invoices").wanted(200).json["results"])

    def _find(self, number: str) -> str:
        return next((row["id"] for row in self._changes() if row["invoice_number"] == number), "")

    def _wait_for(self, invoice: str, **wanted: Any) -> None:
        _until(lambda: all(self._read(invoice)[name] == value for name, value in wanted.items()))


def _until(look: Callable[[], T]) -> T:
    """Wait for what the worker does; twelve at once look less often, to leave it the machine."""
    return eventually(look, seconds=_SECONDS, every=0.5)


def _see(is_so: bool, told: Any) -> None:
    if not is_so:
        raise Unexpected(str(told)[:500])
