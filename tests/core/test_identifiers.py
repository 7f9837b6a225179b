import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.identifiers import (
    InvalidEnterpriseNumber,
    InvalidIban,
    belgian_bban_to_iban,
    bic_of,
    format_enterprise_number,
    is_valid_iban,
    normalise_enterprise_number,
    normalise_iban,
)


@pytest.mark.parametrize(
    "written",
    [
        "0123456749",
        "BE 0123.456.749",
        "be0123456749",
        "BE-0123-456-749",
        "123456749",
        "BE 123.456.749",
        "0208:0123456749",
        "9925:BE0123456749",
        "9925:be0123456749",
        "BTW BE 0123.456.749",
        "\u00a00123 456 749 ",
    ],
)
def test_every_usual_notation_gives_the_same_ten_digits(written: str) -> None:
    assert normalise_enterprise_number(written) == "0123456749"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0123456748",
        "2123456749",
        "BE012345674",
        "01234567490",
        "NL0123456749",
        "0088:0123456749",
        "a",
        "٠١٢٣٤٥٦٧٤٩",
    ],
)
def test_anything_else_is_refused_with_its_code(written: str) -> None:
    with pytest.raises(InvalidEnterpriseNumber) as refusal:
        normalise_enterprise_number(written)

    assert refusal.value.code == "vat_invalid"


@given(st.text())
def test_no_text_breaks_the_normalisation(text: str) -> None:
    try:
        number = normalise_enterprise_number(text)
    except InvalidEnterpriseNumber:
        return
    assert normalise_enterprise_number(number) == number


def test_a_number_of_the_new_range_starts_with_one() -> None:
    number = f"10000001{97 - 10000001 % 97:02d}"

    assert normalise_enterprise_number(number) == number


def test_people_see_dots() -> None:
    assert format_enterprise_number("0123456749") == "0123.456.749"


def test_an_old_account_number_becomes_its_iban() -> None:
    assert belgian_bban_to_iban("539-0075470-34") == "BE68539007547034"


@pytest.mark.parametrize("bban", ["539007547035", "53900754703", "5390075470341", "53900754703X"])
def test_a_wrong_account_number_has_no_iban(bban: str) -> None:
    with pytest.raises(InvalidIban):
        belgian_bban_to_iban(bban)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("be68 5390 0754 7034", "BE68539007547034"), ("NL91ABNA0417164300", "NL91ABNA0417164300")],
)
def test_a_written_iban_is_normalised(written: str, expected: str) -> None:
    assert normalise_iban(written) == expected
    assert is_valid_iban(expected)


@pytest.mark.parametrize("written", ["", "BE69539007547034", "BE6853900754703", "XX68539007547034", "539007547034"])
def test_a_wrong_iban_is_refused(written: str) -> None:
    with pytest.raises(InvalidIban):
        normalise_iban(written)

    assert not is_valid_iban(written)


@given(st.integers(0, 10**10 - 1))
def test_the_fast_check_agrees_with_the_conversion(base: int) -> None:
    iban = belgian_bban_to_iban(f"{base:010d}{base % 97 or 97:02d}")

    assert is_valid_iban(iban)
    assert not is_valid_iban(iban[:-1] + str((int(iban[-1]) + 1) % 10))


def test_the_bank_of_an_iban_is_known_or_not() -> None:
    assert bic_of("BE71096123456769") == "GKCCBEBB"
    assert bic_of("nonsense") is None
