"""What the rules say of money to people, in the active language: why nothing was certain, and what was looked at.

A reason is about a payment; a criterion about a payment beside one invoice, or several together.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.display import iban, money, structured
from apps.reconciliation.matching import Criterion, Payment, Reason
from apps.reconciliation.matching.reading import references_of

REASONS: Final[Mapping[Reason, str | Promise]] = {
    Reason.NO_EVIDENCE: _("The payment names no invoice, and its account has not paid for a customer before."),
    Reason.NOT_A_CUSTOMERS_PAYMENT: _(
        "The bank says that this is no payment by a customer: money between own accounts, a loan, a cost, or an order "
        "that came back."
    ),
    Reason.NOTHING_LOOSE: _("Nothing of the payment is left: invoices have all of it, or the bank took it back."),
    Reason.ALREADY_PAID: _("The payment names an invoice that is paid already: perhaps it was paid twice."),
    Reason.OTHER_CURRENCY: _("The payment is in %(currency)s, and the invoice that it names is not."),
    Reason.SEVERAL_FIT: _("Several open invoices fit the payment, and nothing tells which one is meant."),
    Reason.AMOUNT_FITS_ANOTHER: _(
        "The payment names one invoice, but %(amount)s is what is open of another invoice of that customer, or of "
        "several."
    ),
    Reason.SUM_DIFFERS: _("The payment names several invoices, and together they are not %(amount)s."),
    Reason.AMOUNT_DIFFERS: _("No invoice that the payment could be for had exactly %(amount)s open."),
    Reason.NAMES_ANOTHER: _(
        "The text, the payer or the day of the payment points to another invoice than the one that has its amount."
    ),
    Reason.UNKNOWN_REFERENCE: _("No invoice has the payment's structured communication, %(reference)s."),
    Reason.NEVER_FOR_THIS_CUSTOMER: _("Somebody said that the account %(account)s never pays for this customer."),
    Reason.IN_HAND: _("Somebody assigned this payment by hand, or took it back. So it is left to people."),
}
_ONE_IS_UNKNOWN: Final = _("Not every structured communication of the payment is one of an invoice: %(reference)s.")

# By a criterion's name, and whether it is met.
CRITERIA: Final[Mapping[tuple[str, bool], str | Promise]] = {
    ("reference", True): _("The structured communication %(reference)s is this invoice's."),
    ("reference", False): _("The invoice's structured communication is not in the payment."),
    ("reference_slip", True): _(
        "One digit of the structured communication is wrong, missing, too many or swapped; else it is this invoice's, "
        "%(reference)s."
    ),
    ("reference_of_another", False): _("The structured communication %(reference)s is not this invoice's."),
    ("number", True): _("The invoice number %(number)s is in the text."),
    ("number", False): _("The invoice number %(number)s is not in the text."),
    ("number_perhaps", True): _("%(number)s is in the text, and perhaps means the invoice number."),
    ("amount", True): _("%(amount)s is exactly what is open."),
    ("amount", False): _("%(amount)s is more than what is open: %(open)s."),
    ("amount_original", True): _(
        "The payer sent %(amount)s, exactly what is open; the bank changed it into %(currency)s."
    ),
    ("amount_explained", True): _(
        "%(amount)s is what is open, %(open)s, less rounding, a bank cost or the agreed discount."
    ),
    ("amount_part", True): _("%(amount)s is an even part of the invoice, as an instalment is; open is %(open)s."),
    ("amount_part", False): _("%(amount)s is less than what is open: %(open)s."),
    ("account", True): _("The account has paid for this customer before."),
    ("account", False): _("The account has not paid for this customer before."),
    ("account_of_another", False): _("The account has paid for another customer before."),
    ("name", True): _("The payer, %(payer)s, has the customer's name."),
    ("name", False): _("The payer, %(payer)s, has another name than the customer, %(customer)s."),
    ("name_unknown", False): _("The bank does not tell the payer's name."),
    ("name_in_text", True): _("The customer's name, %(customer)s, is in the text."),
    ("sum", True): _("%(amount)s is exactly what is open of these %(count)s invoices together."),
    ("numbers", False): _("None of these invoices is named in the payment."),
}


def reason_sentence(reason: Reason, payment: Payment) -> str:
    """Return why a payment was not allocated by itself."""
    references = references_of(payment)
    is_one_of_several = reason is Reason.UNKNOWN_REFERENCE and len(references) > 1
    return str(_ONE_IS_UNKNOWN if is_one_of_several else REASONS[reason]) % {
        "amount": money(payment.loose, payment.currency),
        "currency": payment.currency,
        "reference": ", ".join(structured(reference) for reference in references),
        "account": iban(payment.payer_account),
    }


def criterion_sentence(criterion: Criterion, currency: str) -> str:
    """Return what a criterion of a suggestion says; its amounts are in the payment's currency, or what was sent in."""
    facts = dict(criterion.particulars)
    if criterion.name == "numbers" and criterion.is_met:
        return ngettext(
            "%(count)s of these invoices is named in the payment.",
            "%(count)s of these invoices are named in the payment.",
            int(facts["count"]),
        ) % {"count": facts["count"]}
    name = "name_unknown" if criterion.name == "name" and not facts["payer"] else criterion.name
    shown = {"currency": currency, **facts}
    sent_in = facts.get("sent_in", currency)
    shown.update((key, money(Decimal(facts[key]), sent_in)) for key in ("amount", "open") if key in facts)
    if "reference" in facts:
        shown["reference"] = structured(facts["reference"])
    return str(CRITERIA[name, criterion.is_met]) % shown
