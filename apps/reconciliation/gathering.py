"""Finding what payments could be for: a few queries for any number of them, and then the rules' plain values.

Looked at are the invoices that a payment names or whose amount it has, and all open ones of the customers concerned.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Count, F, Q, QuerySet, Sum

from apps.invoices.models import NUMBER_KEY, SET_OFF, STILL_TO_BE_PAID, Invoice
from apps.invoices.rules import UNPAID, DocumentType, InvoiceState, PaymentState
from apps.reconciliation.matching import Assignment, Candidate, Discount, Memory, Payment
from apps.reconciliation.matching.reading import references_of
from apps.reconciliation.matching.writing import squeeze, tokens_of
from apps.reconciliation.models import Allocation, Returned, RuledOut, SetOff
from apps.reconciliation.rules import LONGEST_NAME, NOTHING, SYSTEM, Rule
from apps.reconciliation.selectors import allocated_amounts, giving_way, pays_oldest_first
from apps.statements.models import Movement

# What an account pays by these teaches for whom it pays; a match by the account itself teaches nothing new.
TEACHING: Final = (
    Rule.STRUCTURED_COMMUNICATION,
    Rule.END_TO_END,
    Rule.INVOICE_NUMBER,
    Rule.SEVERAL_INVOICES,
    Rule.OLDEST_FIRST,
)
_TAUGHT: Final = Q(undone_by__isnull=True) & (Q(rule__in=TEACHING, amount=F("movement__amount")) | Q(rule=Rule.PERSON))
# Money of the account's own holder, of its bank or back from a payment: families of annex II, and operations of others.
NOT_CUSTOMERS: Final = r".(?:13|35|80)|.(?:01|02|41)(?:54|64|66)"
# An invoice's number is written in so many groups at most.
_MOST_GROUPS: Final = 5


@dataclass
class Surroundings:
    """The invoices around some payments, and what the company's earlier matches taught.

    `take` notes what one payment was given to, so that the next one finds it as it is then.
    """

    memory: Memory
    rows: dict[int, Candidate] = field(default_factory=dict)
    _by_reference: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_key: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_amount: dict[Decimal, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_customer: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Take invoices in."""
        for candidate in candidates:
            self.rows[candidate.id] = candidate
            if candidate.reference:
                self._by_reference[candidate.reference].append(candidate.id)
            self._by_key[squeeze(candidate.number)].append(candidate.id)
            if candidate.is_open:
                self._by_amount[candidate.still_open].append(candidate.id)
                self._by_customer[candidate.customer].append(candidate.id)

    def candidates_for(self, payment: Payment, *, beside: Candidate | None = None) -> list[Candidate]:
        """Return what one of the payments could be for, by id; and an invoice `beside`, and its customer's."""
        found = {*self._named(payment), *([beside.id] if beside else ())}
        customers = {self.rows[pk].customer for pk in found} | self.memory.customers(payment.payer_account)
        found.update(pk for customer in customers for pk in self._by_customer.get(customer, ()) if self._is_open(pk))
        return [self.rows[pk] for pk in sorted(found)]

    def take(self, payment: Payment, assignments: Iterable[Assignment]) -> None:
        """Note what a payment was given to: less is open, and its account may be known from now on."""
        for given in assignments:
            after = self.rows[given.invoice_id].less(given)
            self.rows[after.id] = after
            if after.is_open:
                self._by_amount[after.still_open].append(after.id)
            if given.rule in TEACHING and given.amount == payment.amount and payment.payer_account:
                self.memory = self.memory.learn(payment.payer_account, after.customer)

    def _named(self, payment: Payment) -> Iterator[int]:
        for reference in references_of(payment):
            yield from self._by_reference.get(reference, ())
        for key in keys_of(payment):
            yield from self._by_key.get(key, ())
        fitting = self._by_amount.get(payment.loose, ())
        yield from (pk for pk in fitting if self.rows[pk].still_open == payment.loose)

    def _is_open(self, pk: int) -> bool:
        return self.rows[pk].is_open


def read_payments(movements: Sequence[Movement]) -> list[Payment]:
    """Return movements as the rules see them, in two queries for what is given of them and what was returned whole."""
    returned = set(Returned.objects.filter(original__in=movements).values_list("original", flat=True))
    given = Allocation.objects.filter(movement__in=movements).values_list("movement")
    totals = given.annotate(total=Sum("amount"), by_people=Count("pk", filter=~Q(actor=SYSTEM)))
    nothing = (Decimal(0), False)
    found = {pk: (total, by_people > 0) for pk, total, by_people in totals}
    return [
        _payment(movement, *((movement.amount, False) if movement.pk in returned else found.get(movement.pk, nothing)))
        for movement in movements
    ]


def _payment(movement: Movement, given: Decimal, is_in_hand: bool) -> Payment:  # noqa: FBT001 # the two columns
    return Payment(
        id=movement.pk,
        amount=movement.amount,
        loose=movement.amount - given,
        currency=movement.currency,
        entered_on=movement.entry_on,
        reference=movement.structured_communication,
        end_to_end=movement.customer_reference,
        text=movement.communication,
        payer_account=movement.counterparty_iban,
        payer_name=movement.counterparty_name,
        bank_cost=movement.bank_cost,
        original_amount=movement.original_amount,
        original_currency=movement.original_currency,
        is_a_customers=not re.match(NOT_CUSTOMERS, movement.transaction_code),
        is_in_hand=is_in_hand,
    )


def look_around(
    *,
    company_id: int,
    payments: Sequence[Payment],
    is_locking: bool = False,
    reduced: Collection[int] = (),
    beside: Collection[int] = (),
) -> Surroundings:
    """Gather what some payments of a company could be for; in a transaction the open invoices can be locked, by id.

    With them, the credit notes that take something of the `reduced` ones away. Invoices `beside` are looked at
    whatever the payments say.
    """
    memory = _remember(company_id, {payment.payer_account for payment in payments} - {""})
    surroundings = Surroundings(memory)
    invoices = Invoice.objects.filter(
        company_id=company_id, state=InvoiceState.ACCEPTED, document_type=DocumentType.INVOICE
    )
    ids = _find_hits(invoices, payments) | set(beside)
    concerned = _of_customers(invoices.filter(pk__in=ids), memory)
    if concerned is not None:
        ids.update(invoices.filter(STILL_TO_BE_PAID, concerned).values_list("pk", flat=True))
    notes = set(SetOff.objects.filter(invoice__in=reduced).values_list("note", flat=True)) if reduced else set()
    rows = Invoice.objects.filter(pk__in=ids | notes).order_by("pk")
    found = rows.select_for_update(of=("self",), no_key=True) if is_locking else rows
    surroundings.add(candidates_of(row for row in found if row.pk not in notes))
    return surroundings


def _find_hits(invoices: QuerySet[Invoice], payments: Sequence[Payment]) -> set[int]:
    """Return the invoices that payments name or whose amount they have, each way by its own index, in one query.

    What a number names is owed, or credit notes took it away.
    """
    references = {reference for payment in payments for reference in references_of(payment)}
    keys = {key for payment in payments for key in keys_of(payment)}
    amounts = {payment.loose for payment in payments if payment.loose > 0}
    owed = invoices.filter(STILL_TO_BE_PAID)
    ways = [
        owed.filter(payable_amount__in=amounts),
        owed.filter(payment_state=PaymentState.PARTIALLY_PAID),
        owed.filter(SET_OFF),
    ]
    if references:
        ways.append(invoices.filter(structured_communication__in=references))
    if keys:
        ways += [some.alias(key=NUMBER_KEY).filter(key__in=keys) for some in (owed, invoices.filter(SET_OFF))]
    first, *others = (way.values_list("pk", flat=True) for way in ways)
    return set(first.union(*others, all=True)) if amounts else set()


def _of_customers(hits: QuerySet[Invoice], memory: Memory) -> Q | None:
    customers = {number or name for number, name in hits.values_list("customer_number", "customer_name")}
    customers.update(customer for known in memory.customers_of.values() for customer in known)
    if not customers:
        return None
    return Q(customer_number__in=customers) | Q(customer_number="", customer_name__in=customers)


def accounts_of(*, company_id: int, invoice: Candidate) -> list[str]:
    """Return the accounts that are known to pay for the customer of an invoice."""
    customer = Q(invoice__customer_number=invoice.customer) | Q(
        invoice__customer_number="", invoice__customer_name=invoice.customer
    )
    given = Allocation.objects.filter(_TAUGHT, customer, invoice__company_id=company_id)
    accounts = given.exclude(movement__counterparty_iban="").values_list("movement__counterparty_iban", flat=True)
    return sorted(set(accounts))


def _remember(company_id: int, accounts: Collection[str]) -> Memory:
    """Return what the company chose, and for whom accounts pay: by whole payments that stand and by people's word."""
    known = (
        Allocation.objects.filter(_TAUGHT, movement__company_id=company_id, movement__counterparty_iban__in=accounts)
        .values_list("movement__counterparty_iban", "invoice__customer_number", "invoice__customer_name")
        .distinct()
    )
    customers_of: dict[str, set[str]] = defaultdict(set)
    for account, number, name in known:
        customers_of[account].add(number or name)
    never = RuledOut.objects.filter(company_id=company_id, account__in=accounts, ended_at=None)
    return Memory(
        customers_of={account: frozenset(customers) for account, customers in customers_of.items()},
        never=frozenset(never.values_list("account", "customer")),
        oldest_first=pays_oldest_first(company_id=company_id),
    )


def candidates_of(rows: Iterable[Invoice]) -> Iterator[Candidate]:
    """Yield invoices as the rules see them, with one query for what is given to them, and one for what is set off."""
    invoices = list(rows)
    allocated: Mapping[int, Decimal] = allocated_amounts(invoice.pk for invoice in invoices)
    set_off = giving_way(invoices)
    for invoice in invoices:
        state = PaymentState(invoice.payment_state)
        left = invoice.owed_amount - allocated.get(invoice.pk, NOTHING)
        yield Candidate(
            id=invoice.pk,
            number=invoice.number,
            reference=invoice.structured_communication,
            customer=invoice.customer_number or invoice.customer_name,
            customer_name=invoice.customer_name,
            currency=invoice.currency,
            payable=invoice.payable_amount,
            still_open=left if state in UNPAID else NOTHING,
            set_off=NOTHING if state is PaymentState.SETTLED else set_off.get(invoice.pk, NOTHING),
            issued_on=invoice.issue_date,
            discounts=tuple(
                Discount(Decimal(each["amount"]), date.fromisoformat(each["until"])) for each in invoice.discounts
            ),
        )


def names_of(payment: Payment) -> list[str]:
    """Return every reference and number that a payment could mean, squeezed: what an invoice is found by later."""
    return sorted({*references_of(payment), *keys_of(payment)})


def keys_of(payment: Payment) -> set[str]:
    """Return every number that the text of a payment could have, squeezed: groups that stand side by side."""
    tokens = tokens_of(f"{payment.text} {payment.end_to_end}")
    keys = set()
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + _MOST_GROUPS, len(tokens)) + 1):
            key = "".join(tokens[start:end])
            if len(key) <= LONGEST_NAME and any(sign.isdigit() for sign in key):
                keys.add(key)
    return keys
