"""UBL 2.1 invoices and credit notes: read, check against the official schema, compare, build."""

from apps.invoices.ubl.build import DraftLine, DraftParty, InvoiceDraft, build_invoice
from apps.invoices.ubl.comparison import FieldChange, difference
from apps.invoices.ubl.document import (
    AllowanceCharge,
    Attachment,
    ExternalReference,
    UblDocument,
    UblLine,
    VatSubtotal,
)
from apps.invoices.ubl.reader import parse_ubl, read_parsed, read_ubl
from apps.invoices.ubl.refusal import UblRefused
from apps.invoices.ubl.schema import SchemaFinding, check_schema
from apps.invoices.ubl.words import words_of

__all__ = [
    "AllowanceCharge",
    "Attachment",
    "DraftLine",
    "DraftParty",
    "ExternalReference",
    "FieldChange",
    "InvoiceDraft",
    "SchemaFinding",
    "UblDocument",
    "UblLine",
    "UblRefused",
    "VatSubtotal",
    "build_invoice",
    "check_schema",
    "difference",
    "parse_ubl",
    "read_parsed",
    "read_ubl",
    "words_of",
]
