"""Finding what payments could be for: a few queries for any number of them, of any number of companies, and then the
rules' plain values.

Looked at are the invoices that a payment names or whose amount it has, and all open ones of the customers concerned.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.db.models import Count, F, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast

from apps.invoices.models import Invoice
from apps.invoices.rules import UNPAID, PaymentState
from apps.reconciliation.finding import Wishes, find_hits, find_known_payers, find_owed_by
from apps.reconciliation.matching import Assignment, Candidate, Discount, Memory, Payment
from apps.reconciliation.matching.reading import references_of
from apps.reconciliation.matching.writing import squeeze, tokens_of
from apps.reconciliation.models import Allocation, Returned, RuledOut, SetOff
from apps.reconciliation.rules import LONGEST_NAME, NOTHING, SYSTEM, Rule
from apps.reconciliation.selectors import allocated_amounts, giving_way, list_oldest_first
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
# What a candidate is read from.
_CANDIDATE: Final = (
    "pk",
    "company",
    "number",
    "structured_communication",
    "customer_number",
    "customer_name",
    "currency",
    "payable_amount",
    "payment_state",
    "set_off_amount",
    "issue_date",
    "terms",
)
# Nearly no invoice has any: they are read as text, and as JSON where it is more than this.
_NO_TERMS: Final = "[]"
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

    def __post_init__(self) -> None:
        """Let what is learned be seen through the memory."""
        self._customers_of = dict(self.memory.customers_of)
        self.memory = replace(self.memory, customers_of=self._customers_of)

    def add(self, candidate: Candidate) -> None:
        """Take an invoice in."""
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

    def take(self, payment: Payment, assignments: Iterable[Assignment]) -> Decimal:
        """Note what a payment was given to: less is open, and its account may be known from now on.

        Returns what is left of the payment.
        """
        left = payment.loose
        for given in assignments:
            left -= given.amount
            after = self.rows[given.invoice_id].less(given)
            self.rows[after.id] = after
            if after.is_open:
                self._by_amount[after.still_open].append(after.id)
            if given.rule in TEACHING and given.amount == payment.amount:
                self._learn(payment.payer_account, after.customer)
        return left

    def _learn(self, account: str, customer: str) -> None:
        known = self.memory.customers(account)
        if account and customer not in known:
            self._customers_of[account] = known | {customer}

    def _named(self, payment: Payment) -> Iterator[int]:
        for reference in references_of(payment):
            yield from self._by_reference.get(reference, ())
        for key in keys_of(payment):
            yield from self._by_key.get(key, ())
        for amount in amounts_of(payment):
            fitting = self._by_amount.get(amount, ())
            yield from (pk for pk in fitting if self.rows[pk].still_open == amount)

    def _is_open(self, pk: int) -> bool:
        return self.rows[pk].is_open


def read_payments(movements: Sequence[Movement]) -> list[Payment]:
    """Return movements as the rules see them, in two queries for what is given of them and what was returned whole."""
    payments = [_payment(movement) for movement in movements]
    return read_again(payments)


def read_again(payments: Sequence[Payment]) -> list[Payment]:
    """Return payments as they are now: others may have given of them since they were read."""
    ids = {payment.id for payment in payments}
    returned = set(Returned.objects.filter(original__any_of=ids).values_list("original", flat=True))
    given = Allocation.objects.filter(movement__any_of=ids).values_list("movement")
    totals = given.annotate(total=Sum("amount"), by_people=Count("pk", filter=~Q(actor=SYSTEM)))
    found = {pk: (total, by_people > 0) for pk, total, by_people in totals}
    return [
        _less(payment, NOTHING if payment.id in returned else payment.amount - total, is_in_hand=by_people)
        for payment in payments
        for total, by_people in [found.get(payment.id, (NOTHING, False))]
    ]


def _less(payment: Payment, loose: Decimal, *, is_in_hand: bool) -> Payment:
    if payment.loose == loose and payment.is_in_hand == is_in_hand:
        return payment
    return replace(payment, loose=loose, is_in_hand=is_in_hand)


def _payment(movement: Movement) -> Payment:
    return Payment(
        id=movement.pk,
        amount=movement.amount,
        loose=movement.amount,
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
    )


def look_around(*, company_id: int, payments: Sequence[Payment], beside: Collection[int] = ()) -> Surroundings:
    """Gather what some payments of a company could be for. Invoices `beside` are looked at whatever they say."""
    return look_around_each({company_id: payments}, beside=beside)[company_id]


def look_around_each(
    payments: Mapping[int, Sequence[Payment]], *, is_locking: bool = False, beside: Collection[int] = ()
) -> dict[int, Surroundings]:
    """Gather what the payments of companies could be for, each by its company's id.

    In a transaction the invoices can be locked, by id, and with them the credit notes that take something of them away.
    """
    memories = _remember({pk: {each.payer_account for each in some} - {""} for pk, some in payments.items()})
    hits = find_hits(_wishes_of(payments), beside)
    customers = {(hit.company_id, hit.customer) for hit in hits}
    for pk, memory in memories.items():
        customers.update((pk, customer) for known in memory.customers_of.values() for customer in known)
    found = {hit.invoice_id: hit.is_reduced for hit in hits} | dict(find_owed_by(customers))
    surroundings = {pk: Surroundings(memory) for pk, memory in memories.items()}
    reduced = [pk for pk, is_reduced in found.items() if is_reduced]
    notes = set(SetOff.objects.filter(invoice__any_of=reduced).values_list("note", flat=True)) if reduced else set()
    rows = Invoice.objects.filter(pk__any_of={*found, *notes})
    for company_id, candidate in read_candidates(rows.select_for_update(no_key=True) if is_locking else rows):
        if candidate.id not in notes:
            surroundings[company_id].add(candidate)
    return surroundings


def _wishes_of(payments: Mapping[int, Sequence[Payment]]) -> Wishes:
    references: set[tuple[int, str]] = set()
    keys: set[tuple[int, str]] = set()
    amounts: set[tuple[int, Decimal]] = set()
    companies: set[int] = set()
    for pk, some in payments.items():
        for payment in some:
            if payment.loose > NOTHING:
                companies.add(pk)
                amounts.update((pk, amount) for amount in amounts_of(payment))
                references.update((pk, reference) for reference in references_of(payment))
                keys.update((pk, key) for key in keys_of(payment))
    return Wishes(references, keys, amounts, companies)


def accounts_of(*, company_id: int, invoice: Candidate) -> list[str]:
    """Return the accounts that are known to pay for the customer of an invoice."""
    customer = Q(invoice__customer_number=invoice.customer) | Q(
        invoice__customer_number="", invoice__customer_name=invoice.customer
    )
    given = Allocation.objects.filter(_TAUGHT, customer, invoice__company_id=company_id)
    accounts = given.exclude(movement__counterparty_iban="").values_list("movement__counterparty_iban", flat=True)
    return sorted(set(accounts))


def _remember(accounts: Mapping[int, Collection[str]]) -> dict[int, Memory]:
    """Return what companies chose, and for whom accounts pay: by whole payments that stand and by people's word."""
    pairs = [(pk, account) for pk, some in accounts.items() for account in some]
    customers_of: dict[int, dict[str, frozenset[str]]] = defaultdict(dict)
    for pk, account, customer in find_known_payers(pairs, TEACHING):
        customers_of[pk][account] = customers_of[pk].get(account, frozenset()) | {customer}
    never: dict[int, set[tuple[str, str]]] = defaultdict(set)
    ruled_out = RuledOut.objects.filter(company__in=accounts, account__in={account for _pk, account in pairs})
    for pk, account, customer in ruled_out.filter(ended_at=None).values_list("company", "account", "customer"):
        never[pk].add((account, customer))
    oldest_first = list_oldest_first(company_ids=accounts)
    return {pk: Memory(customers_of[pk], frozenset(never[pk]), pk in oldest_first) for pk in accounts}


def read_candidates(invoices: QuerySet[Invoice]) -> Iterator[tuple[int, Candidate]]:
    """Yield invoices as the rules see them with their company's id, by id; one query for what is given to them, and
    one for what is set off.
    """
    with_terms = invoices.annotate(terms=Cast("discounts", TextField())).order_by("pk")
    rows = list(with_terms.values_list(*_CANDIDATE))
    allocated: Mapping[int, Decimal] = allocated_amounts(row[0] for row in rows)
    set_off = giving_way(row[0] for row in rows if row[9])
    for pk, company_id, number, reference, customer_number, name, currency, payable, state, taken, day, terms in rows:
        left = payable - taken - allocated.get(pk, NOTHING)
        yield (
            company_id,
            Candidate(
                id=pk,
                number=number,
                reference=reference,
                customer=customer_number or name,
                customer_name=name,
                currency=currency,
                payable=payable,
                still_open=left if state in UNPAID else NOTHING,
                set_off=NOTHING if state == PaymentState.SETTLED else set_off.get(pk, NOTHING),
                issued_on=day,
                discounts=() if terms == _NO_TERMS else _discounts_of(terms),
            ),
        )


def _discounts_of(terms: str) -> tuple[Discount, ...]:
    return tuple(Discount(Decimal(each["amount"]), date.fromisoformat(each["until"])) for each in json.loads(terms))


def amounts_of(payment: Payment) -> tuple[Decimal, ...]:
    """Return what an invoice that a payment pays may have open: what is loose of it, and what was sent of another
    currency.
    """
    if payment.original_amount is None:
        return (payment.loose,)
    return payment.loose, payment.original_amount


def names_of(payment: Payment) -> list[str]:
    """Return every reference and number that a payment could mean, squeezed: what an invoice is found by later."""
    return sorted({*references_of(payment), *keys_of(payment)})


def keys_of(payment: Payment) -> frozenset[str]:
    """Return every number that the text of a payment could have, squeezed: groups that stand side by side."""
    return _keys_in(f"{payment.text} {payment.end_to_end}")


@lru_cache(maxsize=4096)
def _keys_in(text: str) -> frozenset[str]:
    tokens = tokens_of(text)
    has_digits = [token.isdigit() for token in tokens]
    keys = set()
    for start in range(len(tokens)):
        key, is_number = "", False
        for at in range(start, min(start + _MOST_GROUPS, len(tokens))):
            key += tokens[at]
            is_number = is_number or has_digits[at]
            if len(key) > LONGEST_NAME:
                break
            if is_number:
                keys.add(key)
    return frozenset(keys)
