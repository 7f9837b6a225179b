"""Why an invoice is still open, or how it was paid, in words: a sentence for each line of `matching.explaining`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.core.display import day, money, structured
from apps.reconciliation.labels import KINDS
from apps.reconciliation.matching.explaining import Cause, Fact, Line, Value
from apps.reconciliation.rules import SettlementWay

SENTENCES: Final[Mapping[Fact | Cause, str | Promise]] = {
    Fact.BEING_CHECKED: _("The document is still being checked. Payments are looked for once it is accepted."),
    Fact.REFUSED: _("The document was refused, so no payment is looked for."),
    Fact.NOTE_OPEN: _("A credit note is open until it is set off against an invoice, or paid back."),
    Fact.NOTE_REST: _("%(rest)s of it is open until it is set off against another invoice, or paid back."),
    Fact.NOTE_AGAINST: _("%(amount)s was set off against %(numbers)s."),
    Fact.PAID: _("%(payment)s paid this invoice."),
    Fact.PARTLY_PAID: _("%(covered)s of %(payable)s is paid; %(open)s is still open."),
    Fact.OVERPAID: _("%(excess)s was paid too much. Pay it back, or assign it to another invoice."),
    Fact.NOTHING_TO_PAY: _("Nothing has to be paid."),
    Fact.SETTLED: _("Settled by hand on %(day)s, %(way)s: %(reason)s"),
    Fact.SET_OFF: _("Set off on %(day)s: %(reason)s"),
    Fact.CREDITED: _("Credit notes took all of it away, so nothing is to be paid any more."),
    Fact.NOTE_TOOK: _("%(note)s took %(rest)s away."),
    Fact.NOTE_LEFT: _(
        "%(note)s is about this invoice, and %(rest)s of it is left: nothing more was open here. Pay it back, or set "
        "it off against another invoice."
    ),
    Fact.NOTE_OF_ANOTHER: _("%(note)s names this invoice, but is for another customer. So a person decides about it."),
    Fact.NOTE_OTHER_CURRENCY: _(
        "%(note)s names this invoice, but is in another currency. So a person decides about it."
    ),
    Fact.NOTE_IN_HAND: _("%(note)s was set off or taken off by hand here. So a person decides about it."),
    Fact.NOTE_UNNAMED: _(
        "%(note)s is for this customer and names no invoice; %(rest)s of it is open. If it is about this one, set it "
        "off here."
    ),
    Fact.DIFFERENCE: _("%(difference)s is missing and counts as %(kind)s."),
    Fact.RETURNED: _("%(payment)s was taken back by the bank on %(day)s."),
    Fact.UNDONE: _("%(payment)s was taken off this invoice by a person on %(day)s."),
    Fact.PERHAPS_RETURNED: _(
        "%(payment)s may have gone back: on %(day)s the same amount left for the same account. A person decides."
    ),
    Fact.NO_STATEMENTS: _("No bank statement has come yet, so no payment can be seen."),
    Fact.NOTHING_CAME: _(
        "No payment that could be for this invoice is in the bank statements, which have come up to %(day)s."
    ),
    Fact.RECOGNISED_BY_REFERENCE: _(
        "A payment is recognised by itself by the structured communication %(reference)s, by the number %(number)s "
        "with exactly %(open)s, or by exactly %(open)s from an account that has paid for this customer before."
    ),
    Fact.RECOGNISED_BY_NUMBER: _(
        "A payment is recognised by itself by the number %(number)s with exactly %(open)s, or by exactly %(open)s from "
        "an account that has paid for this customer before. The invoice has no structured communication."
    ),
    Cause.COMING: _("%(payment)s fits, and is assigned by itself in a moment."),
    Cause.RULED_OUT: _("%(payment)s came from an account of which somebody said that it never pays for this customer."),
    Cause.IN_HAND: _("%(payment)s was assigned by hand before, or taken back. So a person decides about it."),
    Cause.OTHER_CURRENCY: _("%(payment)s is in %(currency)s, and this invoice in %(other)s."),
    Cause.PAID_TWICE: _(
        "%(payment)s names this invoice, of which nothing is open any more: perhaps it was paid twice."
    ),
    Cause.NAMES_PAID: _("%(payment)s names %(numbers)s, of which nothing is open any more."),
    Cause.NAMES_OTHERS: _("%(payment)s names %(numbers)s, and not this invoice."),
    Cause.UNKNOWN_REFERENCE: _("%(payment)s has a structured communication that no open invoice has: %(references)s."),
    Cause.REFERENCE_SLIP: _(
        "%(payment)s has a mistake in its structured communication: this invoice's is %(reference)s."
    ),
    Cause.SHARED_REFERENCE: _(
        "%(payment)s has a structured communication that is also on %(numbers)s, so it does not tell which one is paid."
    ),
    Cause.FITS_OTHERS: _("%(payment)s names this invoice, but its amount is what is open of %(numbers)s."),
    Cause.SUM_DIFFERS: _("%(payment)s names %(numbers)s, of which %(total)s is open together. That is another amount."),
    Cause.NUMBER_OTHER_AMOUNT: _(
        "%(payment)s has the number of this invoice, but %(open)s is open. Only with the structured communication is "
        "another amount certain."
    ),
    Cause.TOO_EARLY: _("%(payment)s came before the day of this invoice, %(day)s: perhaps it was for an earlier one."),
    Cause.ANOTHER_CUSTOMER: _(
        "%(payment)s has the number of this invoice, but is by another customer with an open invoice of that amount."
    ),
    Cause.SAME_AMOUNT: _(
        "%(payment)s has the right amount, but so has %(numbers)s of this customer, and it names none of them."
    ),
    Cause.TEXT_OF_ANOTHER: _(
        "%(payment)s has the right amount and a known account, but its text or its payer could mean another invoice."
    ),
    Cause.ACCOUNT_OF_ANOTHER: _(
        "%(payment)s has the right amount, but comes from an account that has paid for another customer."
    ),
    Cause.NAME_AND_AMOUNT: _(
        "%(payment)s has the customer's name and the right amount. That alone is not certain: it names no invoice, and "
        "its account has not paid before."
    ),
    Cause.ONLY_AMOUNT: _(
        "%(payment)s has the right amount, but names no invoice, and the payer is not known as this customer."
    ),
    Cause.PART_OF_SUM: _(
        "%(payment)s is exactly what is open of this invoice and of %(numbers)s together, but names none of them."
    ),
    Cause.INSTALMENT: _(
        "%(payment)s is by this customer and perhaps an instalment of the %(open)s that is open, but names no invoice."
    ),
    Cause.OTHER_AMOUNT: _(
        "%(payment)s is by this customer, but names no invoice, and is not the %(open)s that is open."
    ),
}

WAYS: Final[Mapping[str, str | Promise]] = {
    SettlementWay.CASH: pgettext_lazy("settled", "in cash"),
    SettlementWay.CARD: pgettext_lazy("settled", "by card"),
    SettlementWay.SET_OFF: pgettext_lazy("settled", "set off"),
    SettlementWay.WRITTEN_OFF: pgettext_lazy("settled", "written off"),
}
# So many numbers are told one by one.
_MOST_NUMBERS: Final = 4


def sentence_of(line: Line, currency: str) -> str:
    """Return what a line says; its amounts are in the invoice's currency, the payment's own in the payment's."""
    facts = line.particulars
    shown = {key: _write(value, currency) for key, value in facts.items()}
    if "paid_on" in facts:
        shown["payment"] = _payment(facts, currency)
    if "note" in facts:
        shown["note"] = _note(str(facts["note"]))
    if "kind" in facts:
        shown["kind"] = str(KINDS[str(facts["kind"])])
    if "way" in facts:
        shown["way"] = str(WAYS[str(facts["way"])])
    if "reference" in facts:
        shown["reference"] = structured(str(facts["reference"]))
    if isinstance(found := facts.get("references"), tuple):
        shown["references"] = ", ".join(structured(reference) for reference in found)
    return str(SENTENCES[line.code]) % shown


def _write(value: Value, currency: str) -> str:
    if isinstance(value, Decimal):
        return money(value, currency)
    if isinstance(value, date):
        return day(value)
    return _list(value) if isinstance(value, tuple) else value


def _payment(facts: Mapping[str, Value], currency: str) -> str:
    amount, paid_on = facts["amount"], facts["paid_on"]
    assert isinstance(amount, Decimal) and isinstance(paid_on, date)  # noqa: S101, PT018 # as `Line` says
    told = {"amount": money(amount, str(facts["currency"])), "day": day(paid_on), "payer": facts["payer"]}
    if isinstance(sent := facts.get("sent"), Decimal):
        told["amount"] = gettext("%(amount)s (sent as %(sent)s)") % {**told, "sent": money(sent, currency)}
    if not facts["payer"]:
        return gettext("The payment of %(amount)s on %(day)s") % told
    return gettext("The payment of %(amount)s by %(payer)s on %(day)s") % told


def _note(number: str) -> str:
    return gettext("Credit note %(number)s") % {"number": number} if number else gettext("A credit note")


def _list(numbers: tuple[str, ...]) -> str:
    """Write numbers as people list them: `1, 2 and 3`, `1, 2, 3 and 5 more`."""
    numbers = tuple(number or gettext("another invoice") for number in numbers)
    if len(numbers) > _MOST_NUMBERS:
        rest = len(numbers) - _MOST_NUMBERS + 1
        return gettext("%(first)s and %(count)s more") % {
            "first": ", ".join(numbers[: _MOST_NUMBERS - 1]), "count": rest,
        }  # fmt: skip
    if len(numbers) == 1:
        return numbers[0]
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(numbers[:-1]), "last": numbers[-1]}
