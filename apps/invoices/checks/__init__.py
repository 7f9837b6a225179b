"""Judging a sales document in layers. Pure but for Saxon, which wants a process of its own (`saxon`)."""

from apps.invoices.checks.found import Found
from apps.invoices.checks.house import check_supplier
from apps.invoices.checks.judge import Judgement, judge
from apps.invoices.checks.peppol import NoSheets, list_sheets
from apps.invoices.checks.policy import OWN_RULES, Profile, own

__all__ = ["OWN_RULES", "Found", "Judgement", "NoSheets", "Profile", "check_supplier", "judge", "list_sheets", "own"]
