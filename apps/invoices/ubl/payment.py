"""How the document wants to be paid: references, account and bank."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from apps.core.structured_communication import (
    InvalidStructuredCommunication,
    find_in_text,
    parse_structured_communication,
)
from apps.invoices.ubl.values import children, text_at, texts_at

_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """`cac:PaymentMeans`, which may repeat: all references, and the first account with its own bank."""

    payment_ids: tuple[str, ...]
    means_codes: tuple[str, ...]
    structured_communication: str | None
    iban: str | None
    bic: str | None


def read_payment(root: etree._Element) -> PaymentFacts:
    """Read every `cac:PaymentMeans` of a document."""
    payment_ids = tuple(texts_at(root, "cac:PaymentMeans/cbc:PaymentID"))
    iban, bic = _account(root)
    return PaymentFacts(
        payment_ids=payment_ids,
        means_codes=tuple(dict.fromkeys(texts_at(root, "cac:PaymentMeans/cbc:PaymentMeansCode"))),
        structured_communication=first_structured_communication(payment_ids),
        iban=iban,
        bic=bic,
    )


def first_structured_communication(texts: Iterable[str]) -> str | None:
    """Return the first reference with right check digits that any of the texts holds, in canonical form."""
    for text in texts:
        try:
            return parse_structured_communication(text)
        except InvalidStructuredCommunication:
            if found := find_in_text(text):
                return found[0]
    return None


def _account(root: etree._Element) -> tuple[str | None, str | None]:
    for account in children(root, "cac:PaymentMeans/cac:PayeeFinancialAccount"):
        iban = text_at(account, "cbc:ID")
        if iban:
            bank = "cac:FinancialInstitutionBranch"
            bic = text_at(account, f"{bank}/cbc:ID", f"{bank}/cac:FinancialInstitution/cbc:ID")
            return _capitals(iban), _capitals(bic) if bic else None
    return None, None


def _capitals(text: str) -> str:
    return _BLANKS.sub("", text).upper()
