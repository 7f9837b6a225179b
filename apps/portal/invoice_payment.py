"""How an invoice is paid: to which account, with which words, and the code that a bank's app reads."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from apps.core.identifiers import is_valid_iban
from apps.invoices.payment_code import Transfer, payment_payload
from apps.portal.qr import QrPicture, draw_qr

# UNTDID 4461: direct debit, and SEPA direct debit.
_DIRECT_DEBIT: Final = frozenset({"49", "59"})


@dataclass(frozen=True, slots=True)
class PaymentBox:
    """What the box tells beside the amounts. `qr` is there when something is open that can be paid by a code."""

    is_collected: bool
    is_account_wrong: bool
    text: str
    qr: QrPicture | None


def payment_box(invoice: Any, document: Any, still_open: Decimal) -> PaymentBox:
    """Return how an invoice, of whose payable amount so much is still open, is paid."""
    is_collected = bool(_DIRECT_DEBIT.intersection(document.payment_means_codes))
    text = document.payment_ids[0] if document.payment_ids else ""
    is_wanted = invoice.document_type == "invoice" and invoice.state == "accepted" and not is_collected
    payload = is_wanted and payment_payload(
        Transfer(
            name=document.payee_name or document.supplier_name,
            iban=document.iban,
            bic=document.bic,
            amount=still_open,
            currency=invoice.currency,
            structured=document.structured_communication,
            text=text or document.number,
        )
    )
    is_wrong = document.iban is not None and not is_valid_iban(document.iban)
    return PaymentBox(is_collected, is_wrong, text, draw_qr(payload) if payload else None)
