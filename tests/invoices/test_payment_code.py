"""The text of the QR code by which a transfer is filled in (EPC069-12)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.invoices.payment_code import MAX_BYTES, Transfer, payment_payload

TRANSFER = Transfer(
    name="Bouwwerken Peeters BV",
    iban="BE68539007547034",
    bic="GKCCBEBB",
    amount=Decimal("1210.00"),
    currency="EUR",
    structured="090933755493",
    text="2026-0117",
)


def test_a_belgian_communication_goes_as_text() -> None:
    assert payment_payload(TRANSFER) == (
        "BCD\n002\n1\nSCT\nGKCCBEBB\nBouwwerken Peeters BV\nBE68539007547034\nEUR1210.00\n\n\n+++090/9337/55493+++"
    )


def test_a_creditor_reference_goes_in_its_own_field_and_nothing_behind_it() -> None:
    payload = payment_payload(replace(TRANSFER, structured="RF18539007547034"))

    assert payload is not None
    assert payload.split("\n")[8:] == ["", "RF18539007547034"]


def test_without_a_reference_the_text_is_written_on_one_line() -> None:
    payload = payment_payload(replace(TRANSFER, structured=None, bic=None, text=" factuur\n2026-0117\x07 "))

    assert payload is not None
    assert payload.split("\n")[4] == ""
    assert payload.split("\n")[9:] == ["", "factuur 2026-0117"]


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "USD"},
        {"amount": Decimal("0.00")},
        {"amount": Decimal("-5.00")},
        {"amount": Decimal("1000000000.00")},
        {"iban": None},
        {"iban": "BE68539007547035"},
        {"iban": "nonsense"},
        {"name": " \n"},
        {"iban": "CH9300762011623852957", "bic": None},
    ],
)
def test_what_no_app_could_pay_has_no_code(changes: dict[str, object]) -> None:
    assert payment_payload(TRANSFER) is not None
    assert payment_payload(replace(TRANSFER, **changes)) is None  # type: ignore[arg-type] # varied by name


def test_outside_the_economic_area_the_bank_is_named() -> None:
    payload = payment_payload(replace(TRANSFER, iban="CH9300762011623852957", bic="UBSWCHZH80A"))

    assert payload is not None
    assert payload.split("\n")[4] == "UBSWCHZH80A"


def test_a_wrong_bic_is_left_out() -> None:
    payload = payment_payload(replace(TRANSFER, bic="KBC"))

    assert payload is not None
    assert payload.split("\n")[4] == ""


@pytest.mark.parametrize("letter", ["x", "é", "字", "😀"])
def test_long_names_and_texts_are_cut_to_what_the_guidelines_allow(letter: str) -> None:
    payload = payment_payload(replace(TRANSFER, name=letter * 300, structured=None, text=letter * 300))

    assert payload is not None
    fields = payload.split("\n")
    assert len(payload.encode()) <= MAX_BYTES
    assert 1 <= len(fields[5]) <= 70
    assert 1 <= len(fields[10]) <= 140
    assert fields[6:8] == ["BE68539007547034", "EUR1210.00"]
