import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.structured_communication import (
    InvalidStructuredCommunication,
    find_in_text,
    format_structured_communication,
    has_valid_belgian_check,
    has_valid_creditor_reference_check,
    make_structured_communication,
    parse_structured_communication,
)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("+++090/9337/55493+++", "090933755493"),
        ("***090/9337/55493***", "090933755493"),
        ("090 9337 55493", "090933755493"),
        ("rf18 5390 0754 7034", "RF18539007547034"),
    ],
)
def test_a_reference_has_one_canonical_form(written: str, canonical: str) -> None:
    assert parse_structured_communication(written) == canonical


@pytest.mark.parametrize("written", ["", "090933755494", "RF19539007547034", "09093375549", "RF18", "FACTUUR 12"])
def test_a_reference_with_wrong_check_digits_is_refused(written: str) -> None:
    with pytest.raises(InvalidStructuredCommunication):
        parse_structured_communication(written)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("betaling +++090/9337/55493+++ bedankt", ["090933755493"]),
        ("***090/9337/55493***", ["090933755493"]),
        ("+++ 090 / 9337 / 55493 +++", ["090933755493"]),
        ("090/9337/55493", ["090933755493"]),
        ("FACTUUR 12 090933755493", ["090933755493"]),
        ("0 9 0 9 3 3 7 5 5 4 9 3", ["090933755493"]),
        ("REF090933755493.", ["090933755493"]),
        ("+++090/9337/55494+++", []),
        ("1090933755493", []),
        ("0909337554931", []),
        ("0909 3375 5493 1234", []),
        ("090933755493 en 090933755493", ["090933755493"]),
        ("RF18 5390 0754 7034 FACTUUR 7", ["RF18539007547034"]),
        ("ref rf18539007547034", ["RF18539007547034"]),
        ("XRF18539007547034", []),
        ("RF18539007547034 +++090/9337/55493+++", ["RF18539007547034", "090933755493"]),
        ("", []),
    ],
)
def test_references_are_found_in_free_text_when_their_check_passes(text: str, found: list[str]) -> None:
    assert find_in_text(text) == found


@given(st.text())
def test_no_text_breaks_the_search(text: str) -> None:
    for reference in find_in_text(text):
        assert parse_structured_communication(reference) == reference


@given(st.integers(0, 10**10 - 1))
def test_a_made_reference_is_valid_and_survives_being_written(base: int) -> None:
    reference = make_structured_communication(base)

    assert has_valid_belgian_check(reference)
    assert parse_structured_communication(format_structured_communication(reference)) == reference
    assert find_in_text(f"Ref. {format_structured_communication(reference)}.") == [reference]


def test_a_remainder_of_zero_is_written_97() -> None:
    assert make_structured_communication(97) == "000000009797"
    assert not has_valid_belgian_check("000000009700")


def test_a_base_of_eleven_digits_has_no_reference() -> None:
    with pytest.raises(InvalidStructuredCommunication):
        make_structured_communication(10**10)


def test_a_creditor_reference_is_shown_in_groups_of_four() -> None:
    assert has_valid_creditor_reference_check("RF18539007547034")
    assert format_structured_communication("RF18539007547034") == "RF18 5390 0754 7034"
