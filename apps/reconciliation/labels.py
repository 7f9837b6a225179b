"""What the codes of matching are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.reconciliation.rules import DifferenceKind, Rule, SettlementWay

RULES: Final[Mapping[str, Promise]] = {
    Rule.STRUCTURED_COMMUNICATION: _("Structured communication"),
    Rule.END_TO_END: _("Reference of the payer's order"),
    Rule.INVOICE_NUMBER: _("Invoice number and amount"),
    Rule.KNOWN_ACCOUNT: _("Amount, from an account that has paid for this customer"),
    Rule.REPAIRED_REFERENCE: _("Amount and account; one digit of the reference was wrong"),
    Rule.SEVERAL_INVOICES: _("Several invoices named, with their sum"),
    Rule.OLDEST_FIRST: _("Same reference, oldest first"),
    Rule.PERSON: _("Given by a person"),
    Rule.REVERSAL: _("Taken back by the bank"),
    Rule.UNDONE: _("Undone by a person"),
}
KINDS: Final[Mapping[str, Promise]] = {
    DifferenceKind.ROUNDING: pgettext_lazy("difference", "rounding"),
    DifferenceKind.BANK_COST: pgettext_lazy("difference", "a cost of the bank"),
    DifferenceKind.DISCOUNT: pgettext_lazy("difference", "the agreed discount"),
    DifferenceKind.EXCHANGE: pgettext_lazy("difference", "an exchange by the bank"),
}
SETTLEMENT_WAYS: Final[Mapping[str, Promise]] = {
    SettlementWay.CASH: _("Paid in cash"),
    SettlementWay.CARD: _("Paid by card or through a payment service"),
    SettlementWay.SET_OFF: _("Set off against something else"),
    SettlementWay.WRITTEN_OFF: _("Written off: the money will not come"),
}
