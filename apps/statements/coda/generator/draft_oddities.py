"""Oddities of a statement's draft: valid, and seldom seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from apps.statements.coda.drafts import MovementDraft, StatementDraft, Structured
from apps.statements.coda.generator.samples import payload_of
from apps.statements.coda.layouts import LAYOUTS

_OLD_ACCOUNT: Final = "539007547034"
_FOREIGN_ACCOUNT: Final = "0532013000-A"
_FOREIGN_IBAN: Final = "NL91ABNA0417164300"
_ROLLS_OVER: Final = 10_002
_TEN: Final = Decimal(10)
_PARTS_OF_A_MESSAGE: Final = ("ONZE TARIEVEN WIJZIGEN OP 1 JANUARI", "NOS TARIFS CHANGENT LE 1ER JANVIER")


def _plain(draft: StatementDraft, code: str = "00150000", amount: Decimal = _TEN) -> MovementDraft:
    day = draft.new_balance_date
    return MovementDraft(amount=amount, entry_date=day, value_date=day, transaction_code=code)


def _with(draft: StatementDraft, *movements: MovementDraft) -> StatementDraft:
    return replace(draft, movements=[*draft.movements, *movements])


def empty(draft: StatementDraft) -> StatementDraft:
    """No movement and no message: the day is the header's."""
    return replace(draft, movements=(), free_messages=(), creation_date=draft.new_balance_date)


def empty_with_message(draft: StatementDraft) -> StatementDraft:
    """No movement, but a message."""
    return replace(draft, movements=(), free_messages=_PARTS_OF_A_MESSAGE[:1])


def free_messages(draft: StatementDraft) -> StatementDraft:
    """Two messages."""
    return replace(draft, free_messages=_PARTS_OF_A_MESSAGE)


def globalised(draft: StatementDraft) -> StatementDraft:
    """A collective transfer with two details, which carry one information record each."""
    details = [replace(_plain(draft, "50107000", -_TEN), information=["LOON NOVEMBER"]) for _ in range(2)]
    return _with(draft, replace(_plain(draft, "10107000", -2 * _TEN), details=details))


def globalised_two_levels(draft: StatementDraft) -> StatementDraft:
    """A total of the bank; one detail has a gross amount and a fee of its own."""
    shares = [_plain(draft, "90450100", _TEN + 1), _plain(draft, "90450006", -Decimal(1))]
    details = [replace(_plain(draft, "70450000"), details=shares), _plain(draft, "60450000")]
    return _with(draft, replace(_plain(draft, "20450000", 2 * _TEN), details=details))


def batch(draft: StatementDraft) -> StatementDraft:
    """A collective transfer of which the bank gives the total only."""
    return _with(draft, replace(_plain(draft, "10107000", -_TEN), customer_reference="BATCH-17"))


def roll_over(draft: StatementDraft) -> StatementDraft:
    """So many movements that their numbers begin again."""
    cents = (_plain(draft, amount=Decimal("0.01")) for _ in range(_ROLLS_OVER - len(draft.movements)))
    return _with(draft, *cents)


def every_communication(draft: StatementDraft) -> StatementDraft:
    """One movement of each type that begins with 1."""
    day = draft.new_balance_date
    kinds = [kind for kind in LAYOUTS if kind.startswith("1")]
    return _with(draft, *(replace(_plain(draft), structure=Structured(kind, payload_of(kind, day))) for kind in kinds))


def every_information(draft: StatementDraft) -> StatementDraft:
    """One movement with an information record of each type."""
    day = draft.new_balance_date
    information = [Structured(kind, payload_of(kind, day)) for kind in LAYOUTS if kind.startswith("0")]
    return _with(draft, replace(_plain(draft), information=information))


def long_texts(draft: StatementDraft) -> StatementDraft:
    """Free text up to the last column, in the movement and in its information."""
    words = "DE LANGSTE MEDEDELING DIE ER IN PAST "
    return _with(draft, replace(_plain(draft), communication=(words * 5)[:149], information=[(words * 8)[:268]]))


def creditor_reference(draft: StatementDraft) -> StatementDraft:
    """A payment with an ISO 11649 reference."""
    return _with(draft, replace(_plain(draft), structured_communication="RF18539007547034"))


def returned_payment(draft: StatementDraft) -> StatementDraft:
    """A payment that came back, and why."""
    returned = replace(
        _plain(draft, "00154000"), r_transaction="2", reason_code="AC04", communication="REKENING GESLOTEN"
    )
    return _with(draft, returned)


def overdrawn(draft: StatementDraft) -> StatementDraft:
    """A payment of more than there was."""
    balance = draft.old_balance + sum((movement.amount for movement in draft.movements), Decimal(1000))
    return _with(draft, _plain(draft, "00101000", -balance))


def third_decimal(draft: StatementDraft) -> StatementDraft:
    """An amount with three decimals."""
    return _with(draft, _plain(draft, amount=Decimal("0.125")))


def currency(draft: StatementDraft) -> StatementDraft:
    """An account in another currency."""
    return replace(draft, currency="USD")


def account_structure_0(draft: StatementDraft) -> StatementDraft:
    """Twelve digits."""
    return replace(draft, iban=_OLD_ACCOUNT, account_structure="0")


def account_structure_1(draft: StatementDraft) -> StatementDraft:
    """A number that is no IBAN."""
    return replace(draft, iban=_FOREIGN_ACCOUNT, account_structure="1")


def account_structure_3(draft: StatementDraft) -> StatementDraft:
    """An IBAN of another country."""
    return replace(draft, iban=_FOREIGN_IBAN, account_structure="3")


def no_number(draft: StatementDraft) -> StatementDraft:
    """A bank that does not number."""
    return replace(draft, number=0)


def paper_number(draft: StatementDraft) -> StatementDraft:
    """A bank that gives the day of the year as the paper's number."""
    return replace(draft, paper_number=draft.new_balance_date.timetuple().tm_yday)


def separate_application(draft: StatementDraft) -> StatementDraft:
    """Part of the transactions only; it has no balances and no number."""
    return replace(draft, separate_application="01500", number=0)


def duplicate_flag(draft: StatementDraft) -> StatementDraft:
    """What the bank sends again."""
    return replace(draft, is_resent=True)


def version_1(draft: StatementDraft) -> StatementDraft:
    """The old layout, which has less room."""
    return replace(draft, version="1", movements=[_as_old(movement) for movement in draft.movements])


def _as_old(movement: MovementDraft) -> MovementDraft:
    kept = {"amount": movement.amount, "entry_date": movement.entry_date, "value_date": movement.value_date}
    return MovementDraft(
        **kept,  # type: ignore[arg-type]
        transaction_code=movement.transaction_code,
        communication=movement.communication[:106],
        structured_communication=movement.structured_communication,
        counterparty_name=movement.counterparty_name[:26],
        counterparty_iban=movement.counterparty_iban,
        bank_reference=movement.bank_reference,
    )


def value_date_unknown(draft: StatementDraft) -> StatementDraft:
    """A movement whose value date the bank does not give."""
    nothing: date | None = None
    return _with(draft, replace(_plain(draft), value_date=nothing))


def accents(draft: StatementDraft) -> StatementDraft:
    """Names with accents, in lines of 128 characters."""
    names: Sequence[str] = ("CAFÉ DE L'ÉTÉ", "MÜLLER & SÖHNE", "GARÇON SRL")
    return _with(draft, *(replace(_plain(draft), counterparty_name=name) for name in names))
