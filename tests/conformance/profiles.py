"""How each of the twelve compatible packages behaves towards the service: what is known of it, and what is assumed.

`known` comes from public pages and client code; everything else in a profile is `assumed`, so that between them the
twelve use every habit that real clients of the protocol have. A vendor who tells us otherwise changes a line here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Transport(StrEnum):
    """A connection per call, one that is kept, or one that waits for `100 Continue` before it sends a body."""

    CLOSING = "closing"
    KEPT = "kept"
    EXPECTING = "expecting"


class Slashes(StrEnum):
    """Which addresses end on a slash: all, none, or those that the oldest public client gives one."""

    ALWAYS = "always"
    NEVER = "never"
    MIXED = "mixed"


class Pdf(StrEnum):
    """Where an invoice's PDF is."""

    EMBEDDED = "embedded"
    BESIDE = "beside"
    NONE = "none"


class Sending(StrEnum):
    """When invoices are sent: each as it is made, or all of a day in one go."""

    ONE_BY_ONE = "one by one"
    AT_NIGHT = "at night"


class Retry(StrEnum):
    """What is done about an upload whose answer was lost."""

    SAME_BYTES = "sends the same bytes again"
    SAME_KEY = "sends it again under the same Idempotency-Key"
    LOOKS_FIRST = "looks whether it is there, then sends it again"


class Payment(StrEnum):
    """Where it is seen that an invoice is paid."""

    INVOICE = "the invoice"
    CHANGES = "the list of what changed"
    PAYMENTS = "the payments of the invoice"
    MOVEMENTS = "the company's money"
    STATEMENT = "the bank statement itself"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One package. `vat` spells a number: `{number}` has ten digits, `{short}` nine, `{dotted}` as people write it."""

    name: str
    slug: str
    known: tuple[str, ...]
    assumed: tuple[str, ...]
    transport: Transport
    slashes: Slashes
    vat: str
    json_type: str = "application/json"
    language: str = ""
    pdf: Pdf
    is_ubl_be: bool = False
    sending: Sending
    checks_first: bool = False
    retry: Retry
    reads: tuple[str, ...]
    marks_each: bool
    payment: Payment
    refused_for: str
    has_capital_ids: bool = False


_NOTHING: Final = ("it is on the public list of compatible software; nothing of how it connects was found",)
_UTF8: Final = "application/json; charset=utf-8"

PROFILES: Final = (
    Profile(
        name="Bouwsoft", slug="bouwsoft",
        known=("for the construction trade; Dutch and Belgian clients; an API of its own with clients in PHP",),
        assumed=("calls as PHP's curl does, with a connection that is kept", "progress invoices in the evening"),
        transport=Transport.KEPT, slashes=Slashes.ALWAYS, vat="BE{number}", language="nl", pdf=Pdf.BESIDE,
        sending=Sending.AT_NIGHT, retry=Retry.SAME_BYTES, reads=("cod",), marks_each=True, payment=Payment.INVOICE,
        refused_for="enterprise_unknown",
    ),
    Profile(
        name="Zenfactuur", slug="zenfactuur",
        known=("general invoicing for small businesses; structured communications; an API of its own",),
        assumed=("sends as the invoice is finished", "asks the list of what changed rather than each invoice"),
        transport=Transport.CLOSING, slashes=Slashes.NEVER, vat="{number}", language="en", pdf=Pdf.EMBEDDED,
        sending=Sending.ONE_BY_ONE, retry=Retry.SAME_KEY, reads=("xml",), marks_each=True, payment=Payment.CHANGES,
        refused_for="no_accounting_office",
    ),
    Profile(
        name="Club Planner", slug="club-planner",
        known=("for clubs and fitness centres: memberships that are billed in periods",),
        assumed=("many small invoices in one go", "an invoice without a PDF of its own", "written in .NET Framework"),
        transport=Transport.EXPECTING, slashes=Slashes.ALWAYS, vat="be {dotted}", json_type=_UTF8, language="nl-BE",
        pdf=Pdf.NONE, sending=Sending.AT_NIGHT, retry=Retry.SAME_BYTES, reads=("xml",), marks_each=False,
        payment=Payment.MOVEMENTS, refused_for="company_inactive", has_capital_ids=True,
    ),
    Profile(
        name="CoManage", slug="comanage",
        known=("sends sales invoices by itself; purchases only as an export", "help in Dutch and other languages"),
        assumed=("payments are read at all, of which its help says nothing", "checks a document before it sends it"),
        transport=Transport.CLOSING, slashes=Slashes.MIXED, vat="BE {dotted}", language="nl", pdf=Pdf.BESIDE,
        sending=Sending.ONE_BY_ONE, checks_first=True, retry=Retry.LOOKS_FIRST, reads=("cod",), marks_each=True,
        payment=Payment.PAYMENTS, refused_for="office_not_client",
    ),
    Profile(
        name="Facturalia", slug="facturalia",
        known=_NOTHING,
        assumed=("the oldest public client's habits: slashes here and there, each entry marked as it is stored",),
        transport=Transport.CLOSING, slashes=Slashes.MIXED, vat="BE{number}", language="fr", pdf=Pdf.EMBEDDED,
        sending=Sending.ONE_BY_ONE, retry=Retry.SAME_BYTES, reads=("cod", "pdf"), marks_each=True,
        payment=Payment.STATEMENT, refused_for="email_unknown",
    ),
    Profile(
        name="Idloom", slug="idloom",
        known=("a Belgian maker of web applications; nothing of how its invoicing connects was found",),
        assumed=("French and English users", "a Java client: kept connections, JSON with its exact media type"),
        transport=Transport.KEPT, slashes=Slashes.ALWAYS, vat="{number}", language="fr-BE", pdf=Pdf.BESIDE,
        sending=Sending.ONE_BY_ONE, retry=Retry.SAME_KEY, reads=("cod", "xml", "pdf"), marks_each=False,
        payment=Payment.CHANGES, refused_for="email_undeliverable",
    ),
    Profile(
        name="onFact", slug="onfact",
        known=(
            "reads movements and the balance of the account, and marks invoices paid when the money arrives",
            "its sibling sends sales documents once a night, and asks for the token on the number in its settings",
        ),
        assumed=("what the sibling does", "credit notes go the same way, of which the sibling has a rule of its own"),
        transport=Transport.KEPT, slashes=Slashes.NEVER, vat="BE{number}", language="nl", pdf=Pdf.EMBEDDED,
        sending=Sending.AT_NIGHT, retry=Retry.LOOKS_FIRST, reads=("cod",), marks_each=False,
        payment=Payment.STATEMENT, refused_for="no_accounting_office",
    ),
    Profile(
        name="MyFact", slug="myfact",
        known=_NOTHING,
        assumed=("the number without its first zero, as it was written before 2005", "no language is asked for"),
        transport=Transport.CLOSING, slashes=Slashes.ALWAYS, vat="{short}", pdf=Pdf.NONE,
        sending=Sending.ONE_BY_ONE, retry=Retry.SAME_BYTES, reads=("cod",), marks_each=False,
        payment=Payment.INVOICE, refused_for="enterprise_unknown",
    ),
    Profile(
        name="Recovr", slug="recovr",
        known=("follows up what is owed, for firms with hundreds of invoices a month: it wants to know what is paid",),
        assumed=("sends invoices too, in one go", "asks for the money with what it paid, not for documents"),
        transport=Transport.KEPT, slashes=Slashes.MIXED, vat="{dotted}", json_type=_UTF8, language="en", pdf=Pdf.NONE,
        sending=Sending.AT_NIGHT, retry=Retry.SAME_KEY, reads=("xml",), marks_each=False, payment=Payment.MOVEMENTS,
        refused_for="company_inactive", has_capital_ids=True,
    ),
    Profile(
        name="Robaws", slug="robaws",
        known=(
            "two switches of their own: send invoices to the accountant, receive payments",
            "the token is asked for on the number, in its settings; what comes in shows on the invoice",
        ),
        assumed=("both switches are on", "checks a document before it sends it, PDF beside it"),
        transport=Transport.EXPECTING, slashes=Slashes.NEVER, vat="BE {dotted}", language="nl", pdf=Pdf.BESIDE,
        sending=Sending.ONE_BY_ONE, checks_first=True, retry=Retry.SAME_KEY, reads=("cod", "xml"), marks_each=True,
        payment=Payment.PAYMENTS, refused_for="office_not_client",
    ),
    Profile(
        name="SimplyBooks", slug="simplybooks",
        known=(
            "sends UBL.BE with the PDF inside; one by one, in a batch by period, or by itself; in the order of dates",
            "imports payments and marks invoices paid", "an invoice goes once: what changes later is told by hand",
        ),
        assumed=("a correction is sent as a new version all the same, since here it may be",),
        transport=Transport.CLOSING, slashes=Slashes.ALWAYS, vat="be{number}", language="nl", pdf=Pdf.EMBEDDED,
        is_ubl_be=True, sending=Sending.AT_NIGHT, retry=Retry.LOOKS_FIRST, reads=("cod", "pdf"), marks_each=True,
        payment=Payment.STATEMENT, refused_for="email_unknown",
    ),
    Profile(
        name="Sonetas", slug="sonetas",
        known=("for veterinary practices in the Benelux: invoicing, subscriptions, payments; terms in Dutch",),
        assumed=("an invoice for each visit, as it is made", "a client in .NET: lengths announced before the body"),
        transport=Transport.EXPECTING, slashes=Slashes.MIXED, vat="{number}", json_type=_UTF8, language="nl",
        pdf=Pdf.BESIDE, sending=Sending.ONE_BY_ONE, retry=Retry.SAME_BYTES, reads=("xml", "pdf"), marks_each=True,
        payment=Payment.INVOICE, refused_for="email_undeliverable",
    ),
)  # fmt: skip
