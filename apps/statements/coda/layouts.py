"""How the structured communications are laid out: per type, the fields in order, each with its kind and width.

Febelfin CODA 2.6, annex III. Types of three digits beginning with 1 stand in movements, those with 0 in information
records. `(minimum, 1)` and the like are the standard's own digits, kept as they are.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Field(NamedTuple):
    """`kind`: `text`, `code` (a digit or letters of a list), `number` (an integer), `date` (DDMMYY), `long date`
    (DDMMYYYY), `time` (HHMM), or a decimal number of so many integer and decimal digits such as `12.3`."""

    name: str
    kind: str
    width: int


_AMOUNT: Final = ("12.3", 15)
_RATE: Final = ("4.8", 12)


def _amount(name: str) -> Field:
    return Field(name, *_AMOUNT)


def _rate(name: str) -> Field:
    return Field(name, *_RATE)


def _text(name: str, width: int) -> Field:
    return Field(name, "text", width)


def _code(name: str, width: int = 1) -> Field:
    return Field(name, "code", width)


def _number(name: str, width: int) -> Field:
    return Field(name, "number", width)


def _date(name: str) -> Field:
    return Field(name, "date", 6)


_TERMINAL: Final = (_text("terminal_name", 16), _text("terminal_town", 10))
_FOUR_LINES: Final = tuple(_text(f"line_{number}", 35) for number in range(1, 5))
_PARTY: Final = (_text("name", 70), _text("identification", 35))
_SECURITY: Final = (
    _text("order_number", 13),
    _text("file_reference", 15),
    _text("customer_reference", 13),
    _code("security_code_type", 2),
    _text("security_code", 15),
)
_CURRENCY: Final = 3

LAYOUTS: Final[Mapping[str, tuple[Field, ...]]] = {
    # 25 positions in version 2.4, 21 in 2.6; nothing follows either way.
    "100": (_text("reference", 25),),
    "101": (_text("reference", 12),),
    "102": (_text("reference", 12),),
    "103": (_text("number", 12),),
    "105": (
        _amount("gross_amount"),
        _amount("original_amount"),
        _rate("rate"),
        _code("currency", _CURRENCY),
        _text("reference", 12),
        _code("country", 2),
        _amount("amount_in_eur"),
    ),
    "106": (
        _amount("equivalent"),
        _amount("base_amount"),
        _rate("percent"),
        _code("minimum"),
        _amount("amount_in_eur"),
    ),
    "107": (
        _text("mandate", 12),
        _date("date"),
        _text("text", 30),
        _code("paid"),
        _text("creditor", 11),
    ),
    "108": (
        _amount("equivalent"),
        _amount("base_amount"),
        _rate("interest_rate"),
        _date("from_date"),
        _date("until_date"),
    ),
    "111": (
        _code("card_scheme"),
        _text("terminal", 6),
        _text("period", 3),
        _text("first_sequence", 6),
        _date("first_date"),
        _text("last_sequence", 6),
        _date("last_date"),
        _code("transaction_type"),
        *_TERMINAL,
    ),
    "113": (
        _text("card", 16),
        _code("card_scheme"),
        _text("terminal", 6),
        _text("sequence", 6),
        _date("date"),
        Field("time", "time", 4),
        _code("transaction_type"),
        *_TERMINAL,
        _amount("original_amount"),
        _rate("rate"),
        _code("currency", _CURRENCY),
        Field("volume", "3.2", 5),
        _code("product", 2),
        Field("unit_price", "2.3", 5),
    ),
    "114": (
        _code("card_scheme"),
        _text("terminal", 6),
        _text("period", 3),
        _text("sequence", 6),
        _date("date"),
        Field("time", "time", 4),
        _code("transaction_type"),
        *_TERMINAL,
        _text("reference", 16),
    ),
    "115": (
        _text("card", 16),
        _code("card_scheme"),
        _text("terminal", 6),
        _text("sequence", 6),
        _date("date"),
        Field("time", "time", 4),
        _date("validation_date"),
        _text("validation_sequence", 6),
        _amount("original_amount"),
        _code("conformity"),
        *_TERMINAL,
        _text("message", 12),
    ),
    "121": (
        _amount("amount"),
        _date("maturity"),
        _date("conventional_maturity"),
        _date("issue_date"),
        _text("company_number", 11),
        _code("currency", _CURRENCY),
        _text("blank", 3),
        _text("bill_number", 13),
        _rate("rate"),
    ),
    "122": (
        _number("days", 4),
        _rate("rate"),
        _amount("base_amount"),
        _code("minimum"),
        _text("bill_number", 13),
        _date("maturity"),
    ),
    "123": (
        _date("from_date"),
        _date("until_date"),
        _amount("base_amount"),
        _rate("percent"),
        _number("days", 4),
        _code("minimum"),
        _text("guarantee_number", 13),
    ),
    "124": (
        _text("card", 20),
        _code("card_issuer"),
        _text("invoice_number", 12),
        _text("identification", 15),
        _date("date"),
    ),
    "125": (
        _text("account", 12),
        _text("extension", 15),
        _amount("old_balance"),
        _amount("new_balance"),
        _amount("amount"),
        _code("currency", _CURRENCY),
        _date("from_date"),
        _date("until_date"),
        _rate("interest_rate"),
        _text("reference", 13),
    ),
    "126": (
        _text("deposit_number", 15),
        _amount("amount"),
        _amount("equivalent"),
        _date("from_date"),
        _date("until_date"),
        _rate("interest_rate"),
        _amount("interest"),
        _code("currency", _CURRENCY),
        _rate("rate"),
    ),
    "127": (
        _date("settlement_date"),
        _code("direct_debit_type"),
        _code("scheme"),
        _code("paid"),
        _text("creditor", 35),
        _text("mandate", 35),
        _text("communication", 62),
        _code("r_transaction"),
        _code("reason", 4),
    ),
    "001": (_text("name", 70), _text("street", 35), _text("locality", 35), _text("identification", 35)),
    "002": _FOUR_LINES,
    "004": _FOUR_LINES,
    "005": _FOUR_LINES,
    "006": (
        _text("description", 30),
        _code("currency", _CURRENCY),
        _amount("amount"),
        # It follows its amount here: 0 credit, 1 debit.
        _code("sign"),
        _code("category", 3),
    ),
    "007": (_number("count", 7), Field("denomination", "3.3", 6), _amount("total")),
    "008": _PARTY,
    "009": _PARTY,
    "010": (
        *_SECURITY,
        _code("method_of_entry"),
        Field("number", "8.4", 12),
        _code("currency_of_issue", _CURRENCY),
        _number("transaction_unit", 4),
        _code("currency_of_quotation", _CURRENCY),
        Field("quotation", "8.4", 12),
        _rate("exchange_rate"),
        _text("security_name", 40),
        _text("bordereau_number", 13),
        _text("attached_coupon", 8),
        Field("coupon_date", "long date", 8),
        _text("market", 30),
        Field("trade_date", "long date", 8),
        _text("nature", 24),
        _amount("nominal_value"),
    ),
    "011": (
        *_SECURITY,
        Field("number", "8.4", 12),
        _text("security_name", 40),
        _code("currency_of_issue", _CURRENCY),
        Field("coupon_amount", "8.6", 14),
        _code("coupon_type"),
        Field("foreign_tax", "12.3", 15),
        _text("nature", 24),
        _text("paid_coupon", 6),
        _date("date"),
        _rate("exchange_rate"),
        _code("payment_currency", _CURRENCY),
        _amount("nominal_value"),
    ),
}
