import contextlib
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.tokens import secrets

characters = st.sampled_from(secrets.ALPHABET)


def test_a_token_is_the_same_each_time_and_differs_by_key() -> None:
    uuid = uuid4()

    assert secrets.derive_token(uuid, key="a") == secrets.derive_token(uuid, key="a")
    assert secrets.derive_token(uuid, key="a") != secrets.derive_token(uuid, key="b")


@given(st.uuids())
def test_what_is_derived_is_read_back_however_it_is_typed(uuid: UUID) -> None:
    token = secrets.derive_token(uuid, key="k")
    canonical = secrets.normalise_token(token)

    assert token.startswith("cbt-")
    assert len(canonical) == 24
    for typed in (token.upper(), token.replace("-", ""), f"  {token.replace('-', ' ')}\n", token[4:]):
        assert secrets.normalise_token(typed) == canonical


@given(st.uuids(), st.integers(0, 23), characters)
def test_a_wrong_character_is_noticed(uuid: UUID, place: int, wrong: str) -> None:
    canonical = secrets.normalise_token(secrets.derive_token(uuid, key="k"))
    assume(canonical[place] != wrong)

    with pytest.raises(secrets.MalformedToken):
        secrets.normalise_token(canonical[:place] + wrong + canonical[place + 1 :])


@given(st.uuids(), st.integers(0, 22), st.integers(0, 22))
def test_two_swapped_characters_are_noticed(uuid: UUID, one: int, other: int) -> None:
    text = list(secrets.normalise_token(secrets.derive_token(uuid, key="k")))
    assume(text[one] != text[other])
    text[one], text[other] = text[other], text[one]

    with pytest.raises(secrets.MalformedToken):
        secrets.normalise_token("".join(text))


@given(st.text(max_size=60))
def test_any_text_at_all_is_either_a_token_or_malformed(text: str) -> None:
    with contextlib.suppress(secrets.MalformedToken):
        assert len(secrets.normalise_token(text)) == 24


def test_a_password_carries_a_prefix_and_a_checksum_that_scanners_can_verify() -> None:
    password = secrets.make_password()
    body = password.removeprefix("cbp_")

    assert password.isascii()
    assert ":" not in password
    assert secrets.password_checksum(body[:-6]) == body[-6:]
    assert secrets.is_password(password, secrets.password_digest(password))
    assert not secrets.is_password(password + "x", secrets.password_digest(password))
    assert secrets.make_password() != password
