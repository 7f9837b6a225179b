"""The picture of a bank statement for people, made from what its CODA file says."""

from apps.statements.pdf.render import MAX_LINES, render_statement
from apps.statements.pdf.sheet import SheetMovement, StatementSheet, Totals

__all__ = ["MAX_LINES", "SheetMovement", "StatementSheet", "Totals", "render_statement"]
