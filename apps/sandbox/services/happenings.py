"""Making happen in the sandbox what takes a day, or another person, in life."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices import books
from apps.accounting_offices import services as offices
from apps.accounting_offices.models import ClientLink
from apps.accounting_offices.rules import LinkState
from apps.blobs.selectors import read_bytes
from apps.companies.models import BankAccount, Company
from apps.core.clock import brussels_day
from apps.core.errors import DomainError, NotFound
from apps.invoices.models import Invoice
from apps.invoices.pdf import render_invoice
from apps.invoices.rules import InvoiceState, PaymentState
from apps.invoices.selectors import get_sent_invoice
from apps.invoices.services import bookings
from apps.invoices.ubl import read_ubl
from apps.reconciliation.models import Allocation
from apps.reconciliation.selectors import list_open_amounts
from apps.sandbox.bank_files import Account, Due, make_next
from apps.sandbox.documents import Wanted, make_document
from apps.sandbox.rules import BankFileKind, DocumentKind, OfficeAct
from apps.statements.health.bank_days import step_bank_days
from apps.statements.models import CodaFile, Statement
from apps.statements.rules import StatementState
from apps.statements.services.intake import receive_coda_file
from apps.tokens.models import Software

MOST_INVOICES: Final = 50
ACTOR: Final = "sandbox"
# Where an account begins that no bank file came for.
_FIRST_BALANCE: Final = Decimal("1000.00")


class NothingToDo(DomainError):
    """What was asked for has nothing to work on; the sentence says what is missing."""

    code = "nothing_to_do"
    sentence = _("There is nothing to do this with: %(missing)s.")


def send_bank_file(
    *, company: Company, software: Software, kind: BankFileKind, invoice_uuid: UUID | None, now: datetime
) -> CodaFile:
    """Receive the bank's file of the next day, in which customers pay what the software sent and is open.

    One invoice where it is named, else all that are open, at most `MOST_INVOICES`. The worker imports it.

    :raises NotFound: when the software did not send that invoice.
    :raises NothingToDo: without a bank account, or a file to send again.
    """
    account = BankAccount.objects.filter(company=company).order_by("pk").first()
    if account is None:
        raise NothingToDo(missing=_("the company has no bank account"))
    last = (
        Statement.objects.filter(account=account, state=StatementState.IMPORTED, is_separate_application=False)
        .order_by("-new_balance_on", "-number", "-pk")
        .first()
    )
    content = _again(account) if kind == BankFileKind.RESENT else b""
    if not content:
        invoices = _invoices(company, software, invoice_uuid)
        dues = _given(invoices) if kind == BankFileKind.REVERSAL else _open(invoices)
        content = make_next(_left(company, account, last, brussels_day(now)), kind, dues)
    return receive_coda_file(content=content, name=f"sandbox-{kind}.cod", actor=ACTOR, now=now)


def _again(account: BankAccount) -> bytes:
    newest = CodaFile.objects.filter(statements__account=account).order_by("-pk").first()
    if newest is None:
        raise NothingToDo(missing=_("no bank file came for this company yet"))
    return read_bytes(newest.blob)


def _left(company: Company, account: BankAccount, last: Statement | None, today: date) -> Account:
    return Account(
        iban=account.iban,
        bic=account.bic,
        holder=company.name,
        enterprise_number=company.enterprise_number,
        day=last.new_balance_on if last else step_bank_days(today, -1),
        number=last.number if last else 0,
        balance=last.new_balance if last else _FIRST_BALANCE,
    )


def _invoices(company: Company, software: Software, invoice_uuid: UUID | None) -> list[Invoice]:
    if invoice_uuid is not None:
        return [get_sent_invoice(company=company, software=software, invoice_uuid=invoice_uuid)]
    sent = Invoice.objects.filter(
        company=company, software=software, state=InvoiceState.ACCEPTED, document_type="invoice"
    )
    return list(sent.order_by("-pk")[:MOST_INVOICES])


def _open(invoices: Sequence[Invoice]) -> list[Due]:
    amounts = list_open_amounts(invoices)
    unpaid = {PaymentState.OPEN, PaymentState.PARTIALLY_PAID}
    return [_due(each, amounts[each.pk]) for each in invoices if each.payment_state in unpaid and amounts[each.pk] > 0]


def _given(invoices: Sequence[Invoice]) -> list[Due]:
    """Return what the newest payment of each invoice gave it, to be taken back."""
    newest: dict[int, Allocation] = {}
    for row in Allocation.objects.filter(invoice__in=invoices, amount__gt=0).select_related("movement").order_by("pk"):
        newest[row.invoice_id] = row
    return [_due(each, newest[each.pk].movement.amount) for each in invoices if each.pk in newest]


def _due(invoice: Invoice, amount: Decimal) -> Due:
    return Due(
        number=invoice.number,
        reference=invoice.structured_communication or "",
        customer=invoice.customer_name,
        amount=amount,
    )


def act_as_office(
    *, company: Company, software: Software, act: OfficeAct, invoice_uuid: UUID | None, text: str, now: datetime
) -> None:
    """Do what the accounting office of a test company would do with an invoice, with its books, or with the company.

    :raises NotFound: when the software did not send that invoice, or none is named where one is needed.
    :raises NothingToDo: when the company has no office, or one already.
    """
    if act == OfficeAct.RETURN:
        _link_again(company, now)
    elif act == OfficeAct.LEAVE:
        offices.end_client_link(link_uuid=_link(company).uuid, ends_on=brussels_day(now), actor=ACTOR, now=now)
    elif act == OfficeAct.CLOSE_BOOKS:
        until = step_bank_days(brussels_day(now), -1)
        link = _link(company)
        books.close_books(office=link.office, company_ids=[company.pk], until=until, actor=ACTOR, now=now)
    else:
        _act_on_invoice(company, software, act, invoice_uuid, text, now)


def _act_on_invoice(
    company: Company, software: Software, act: OfficeAct, invoice_uuid: UUID | None, text: str, now: datetime
) -> None:
    if invoice_uuid is None:
        raise NotFound
    invoice = get_sent_invoice(company=company, software=software, invoice_uuid=invoice_uuid)
    if act == OfficeAct.BOOK:
        bookings.book_invoices(invoice_ids=[invoice.pk], actor=ACTOR, now=now)
    elif act == OfficeAct.QUESTION:
        bookings.ask_question(invoice_uuid=invoice.uuid, text=text, actor=ACTOR, now=now)
    else:
        bookings.refuse_invoice(invoice_uuid=invoice.uuid, text=text, actor=ACTOR, now=now)


def _link(company: Company) -> ClientLink:
    link = company.client_links.filter(state=LinkState.CURRENT).select_related("office").order_by("-pk").first()
    if link is None:
        raise NothingToDo(missing=_("the company has no accounting office"))
    return link


@transaction.atomic
def _link_again(company: Company, now: datetime) -> None:
    if company.client_links.filter(state=LinkState.CURRENT).exists():
        raise NothingToDo(missing=_("the company has its accounting office"))
    last = company.client_links.filter(state=LinkState.ENDED).select_related("office").order_by("-pk").first()
    if last is None:
        raise NothingToDo(missing=_("the company never had an accounting office"))
    offices.start_client_link(
        company_uuid=company.uuid,
        office_uuid=last.office.uuid,
        client_code=last.client_code,
        starts_on=max(brussels_day(now), last.ends_on or brussels_day(now)),
        actor=ACTOR,
        now=now,
    )


def write_document(*, company: Company, kind: DocumentKind, number: str, about: str, now: datetime) -> bytes:
    """Return a UBL document of a company, with its PDF inside; `number` is made up where none is asked for."""
    account = BankAccount.objects.filter(company=company).order_by("pk").first()
    wanted = Wanted(
        company_name=company.name,
        enterprise_number=company.enterprise_number,
        iban=account.iban if account else "",
        number=number or f"SANDBOX-{now:%y%m%d%H%M%S}",
        today=brussels_day(now),
        about=about,
    )
    plain = make_document(DocumentKind.NO_PDF, wanted, pdf=b"")
    return make_document(kind, wanted, pdf=render_invoice(read_ubl(plain), language=company.language))
