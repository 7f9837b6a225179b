"""The queries by which payments find invoices: what is asked for is pairs of a company and a reference, number, amount,
customer or account, so that the payments of any number of companies share them.

Pairs are joined; two lists would ask each company for what the others want.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import connection

from apps.core.arrays import array_of

_INVOICE: Final = "invoice.state = 'accepted' AND invoice.document_type = 'invoice'"
_OWED: Final = f"{_INVOICE} AND invoice.payment_state IN ('open', 'partially_paid')"
# As in the index, `NUMBER_KEY`.
_KEY: Final = "regexp_replace(upper(invoice.number), '[^A-Z0-9]', '', 'g')"
_FOUND: Final = """
SELECT invoice.id, invoice.company_id, coalesce(nullif(invoice.customer_number, ''), invoice.customer_name),
       invoice.set_off_amount > 0
"""
# The index is asked once for each pair: `OFFSET 0` keeps the planner from reading a whole table instead, which it would
# do for some hundred pairs while the table is small or its statistics are old.
_ASKED: Final = """
{found} FROM unnest(%s::bigint[], %s::{kind}[]) AS wanted(company_id, value)
JOIN LATERAL (
    SELECT invoice.* FROM invoices_invoice invoice
    WHERE invoice.company_id = wanted.company_id AND {condition} OFFSET 0
) AS invoice ON true
"""
# What a number names is owed, or credit notes took it away; what an amount is, may be what is left of an invoice.
_BY_REFERENCE: Final = _ASKED.format(
    found=_FOUND,
    kind="text",
    condition="invoice.structured_communication = wanted.value AND invoice.structured_communication <> '' "
    f"AND {_INVOICE}",
)
_BY_NUMBER: Final = _ASKED.format(found=_FOUND, kind="text", condition=f"{_KEY} = wanted.value AND {_OWED}")
_BY_REDUCED_NUMBER: Final = _ASKED.format(
    found=_FOUND, kind="text", condition=f"{_KEY} = wanted.value AND {_INVOICE} AND invoice.set_off_amount > 0"
)
_BY_AMOUNT: Final = _ASKED.format(
    found=_FOUND, kind="numeric", condition=f"invoice.payable_amount = wanted.value AND {_OWED}"
)
_OF_COMPANIES: Final = f"{_FOUND} FROM invoices_invoice invoice WHERE invoice.company_id = ANY(%s)"
_BY_ID: Final = f"{_FOUND} FROM invoices_invoice invoice WHERE invoice.id = ANY(%s)"
_OWED_BY: Final = "SELECT invoice.id, invoice.set_off_amount > 0"
_OF_CUSTOMERS: Final = " UNION ALL ".join(
    (
        _ASKED.format(
            found=_OWED_BY,
            kind="text",
            condition=f"invoice.customer_number = wanted.value AND invoice.customer_number <> '' AND {_OWED}",
        ),
        _ASKED.format(
            found=_OWED_BY,
            kind="text",
            condition=f"invoice.customer_name = wanted.value AND invoice.customer_number = '' AND {_OWED}",
        ),
    )
)
_KNOWN: Final = """
SELECT DISTINCT wanted.company_id, wanted.account,
       coalesce(nullif(invoice.customer_number, ''), invoice.customer_name)
FROM unnest(%s::bigint[], %s::text[]) AS wanted(company_id, account)
JOIN LATERAL (
    SELECT given.invoice_id FROM statements_movement movement
    JOIN reconciliation_allocation given ON given.movement_id = movement.id
    WHERE movement.company_id = wanted.company_id AND movement.counterparty_iban = wanted.account
      AND (given.rule = 'person' OR given.rule = ANY(%s) AND given.amount = movement.amount)
      AND NOT EXISTS (SELECT FROM reconciliation_allocation undone WHERE undone.undoes_id = given.id)
    OFFSET 0
) AS given ON true
JOIN invoices_invoice invoice ON invoice.id = given.invoice_id
"""
_LOOSE_OF: Final = """
SELECT company_id FROM unnest(%s::bigint[]) AS wanted(company_id)
WHERE EXISTS (SELECT FROM reconciliation_loosemoney loose WHERE loose.company_id = wanted.company_id)
"""
_LOOSE_BY_AMOUNT: Final = """
SELECT loose.movement_id FROM unnest(%s::bigint[], %s::numeric[]) AS wanted(company_id, amount)
JOIN reconciliation_loosemoney loose ON loose.company_id = wanted.company_id AND loose.amount = wanted.amount
"""
_LOOSE_BY_NAME: Final = """
SELECT loose.movement_id FROM unnest(%s::bigint[], %s::text[]) AS wanted(company_id, name)
JOIN reconciliation_loosemoney loose
  ON loose.company_id = wanted.company_id AND loose.names @> ARRAY[wanted.name]::varchar(40)[]
"""
_LOOSE_BY_ACCOUNT: Final = """
SELECT loose.movement_id FROM unnest(%s::bigint[], %s::text[]) AS wanted(company_id, account)
JOIN reconciliation_loosemoney loose ON loose.company_id = wanted.company_id
JOIN statements_movement movement ON movement.id = loose.movement_id AND movement.counterparty_iban = wanted.account
"""

Pair = tuple[int, Any]


class Wishes(NamedTuple):
    """What some payments ask for, each with the company whose invoices could be meant."""

    references: Collection[tuple[int, str]]
    keys: Collection[tuple[int, str]]
    amounts: Collection[tuple[int, Decimal]]
    companies: Collection[int]


class Hit(NamedTuple):
    """An invoice that was found, the company and key of its customer, and whether credit notes took something of it."""

    invoice_id: int
    company_id: int
    customer: str
    is_reduced: bool


def find_hits(wishes: Wishes, beside: Collection[int] = ()) -> list[Hit]:
    """Return the invoices that payments ask for, in one query, some of them more than once; and those `beside`."""
    ways: list[tuple[str, list[Any]]] = []
    if wishes.references:
        ways.append((_BY_REFERENCE, _columns(wishes.references)))
    if wishes.keys:
        ways.append((_BY_NUMBER, _columns(wishes.keys)))
        ways.append((_BY_REDUCED_NUMBER, _columns(wishes.keys)))
    if wishes.amounts:
        ways.append((_BY_AMOUNT, _columns(wishes.amounts)))
    if wishes.companies:
        companies = [array_of(wishes.companies)]
        ways.append((f"{_OF_COMPANIES} AND {_INVOICE} AND invoice.payment_state = 'partially_paid'", companies))
        ways.append((f"{_OF_COMPANIES} AND {_OWED} AND invoice.set_off_amount > 0", companies))
    if beside:
        ways.append((f"{_BY_ID} AND {_INVOICE}", [array_of(beside)]))
    if not ways:
        return []
    statement = " UNION ALL ".join(way for way, _values in ways)
    return [Hit(*row) for row in _query(statement, [value for _way, values in ways for value in values])]


def find_owed_by(customers: Collection[tuple[int, str]]) -> list[tuple[int, bool]]:
    """Return the open invoices of customers (company, key): the id, and whether credit notes took something of it."""
    if not customers:
        return []
    columns = _columns(customers)
    return [(pk, is_reduced) for pk, is_reduced in _query(_OF_CUSTOMERS, [*columns, *columns])]


def find_known_payers(accounts: Collection[tuple[int, str]], teaching: Iterable[str]) -> list[tuple[int, str, str]]:
    """Return for which customers accounts (company, IBAN) are known to pay: company, account and customer's key.

    Known is what a person gave, or one of the `teaching` rules gave a whole payment for, and nobody undid.
    """
    if not accounts:
        return []
    return [
        (company, account, key) for company, account, key in _query(_KNOWN, [*_columns(accounts), array_of(teaching)])
    ]


def companies_with_loose(company_ids: Collection[int]) -> set[int]:
    """Return which of some companies have loose money."""
    return {pk for (pk,) in _query(_LOOSE_OF, [array_of(company_ids)])} if company_ids else set()


def find_loose(
    *,
    amounts: Collection[tuple[int, Decimal]],
    names: Collection[tuple[int, str]],
    accounts: Collection[tuple[int, str]],
) -> set[int]:
    """Return the movements of which something is loose that is such an amount, names such a name, or came from such an
    account, each of a company; each way by its own index.
    """
    ways = ((_LOOSE_BY_AMOUNT, amounts), (_LOOSE_BY_NAME, names), (_LOOSE_BY_ACCOUNT, accounts))
    return {pk for statement, pairs in ways if pairs for (pk,) in _query(statement, _columns(pairs))}


def _columns(pairs: Collection[Pair]) -> list[Any]:
    """Return pairs as the two arrays that `unnest` joins again."""
    return [array_of(column) for column in zip(*pairs, strict=True)]


def _query(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
