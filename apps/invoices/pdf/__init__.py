"""The picture of an invoice for people, made when the sender gave none."""

from apps.invoices.pdf.render import looks_like_pdf, render_invoice

__all__ = ["looks_like_pdf", "render_invoice"]
