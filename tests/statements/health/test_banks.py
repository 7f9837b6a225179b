import pytest

from apps.core.identifiers import belgian_bban_to_iban, bic_of
from apps.statements.health.banks import _TABLE, bank_named, bank_of


def iban_of(code: int) -> str:
    first_ten = f"{code:03d}0000001"
    return belgian_bban_to_iban(f"{first_ten}{int(first_ten) % 97 or 97:02d}")


def test_the_table_says_what_the_registry_of_banks_says() -> None:
    one_bank = {"AXAB": "NICA", "ABER": "JVBA"}
    wrong = {}
    for code in range(1000):
        bic = (bic_of(iban_of(code)) or "")[:4]
        known = {row[0] for row in _TABLE}
        if bic in known and bank_of(iban_of(code)).key != one_bank.get(bic, bic):
            wrong[code] = bic

    # BUXA is ABN AMRO's other BIC; TRWI and DEGR have several.
    assert wrong == {}


@pytest.mark.parametrize(
    ("iban", "bic", "name"),
    [
        ("BE59737041223326", "", "KBC"),
        ("BE68539007547034", "GKCCBEBB", "Belfius"),
        ("NL91ABNA0417164300", "ABNANL2A", "ABN AMRO"),
        ("BE68539007547034", "", "539"),
        ("FR7630006000011234567890189", "AGRIFRPP", "AGRI"),
    ],
)
def test_a_bank_is_named_by_its_code_else_by_its_bic(iban: str, bic: str, name: str) -> None:
    assert bank_of(iban, bic).name == name


def test_a_key_leads_back_to_its_bank() -> None:
    bank = bank_of("BE59737041223326")

    assert bank_named(bank.key) == bank
    assert bank_named("539").name == "539"
