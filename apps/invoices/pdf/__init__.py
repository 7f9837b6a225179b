"""The picture of an invoice for people: made when the sender gave none, looked into when it came along."""

from apps.invoices.pdf.inspect import PdfFacts, PdfUnreadable, inspect_pdf
from apps.invoices.pdf.render import looks_like_pdf, render_invoice

__all__ = ["PdfFacts", "PdfUnreadable", "inspect_pdf", "looks_like_pdf", "render_invoice"]
