"""The picture of a bank statement for people, made from what its CODA file says."""

from apps.statements.pdf.render import MAX_MOVEMENTS, render_statement
from apps.statements.pdf.sheet import SheetMovement, StatementSheet

__all__ = ["MAX_MOVEMENTS", "SheetMovement", "StatementSheet", "render_statement"]
