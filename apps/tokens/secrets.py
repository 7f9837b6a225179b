"""The form of tokens and passwords: what people type, what scanners recognise, what we store.

A token is `cbt-` and 24 characters of Crockford's base 32 (23 carry 115 bits, the last is a check character). It is
derived from a server key and the token's id, so it is stored nowhere and can be made again after any crash.
"""

import hashlib
import hmac
import secrets
import zlib
from typing import Final
from uuid import UUID

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
PAYLOAD_LENGTH: Final = 23
GROUP_LENGTH: Final = 4
PREFIX: Final = "CBT"

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PASSWORD_PREFIX: Final = "cbp_"  # noqa: S105 # the part that secret scanners look for
PASSWORD_RANDOM_LENGTH: Final = 32
CHECKSUM_LENGTH: Final = 6


class MalformedToken(ValueError):
    """A text that no token can be: wrong length or alphabet, or a typing error that the check character shows."""


def derive_token(token_uuid: UUID, *, key: str) -> str:
    """Return the plain token of an id, e.g. `cbt-7Q2D-…`, the same each time."""
    digest = hmac.new(key.encode(), b"token:" + token_uuid.bytes, hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    payload = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(PAYLOAD_LENGTH))
    text = payload + _check_character(payload)
    groups = [text[start : start + GROUP_LENGTH] for start in range(0, len(text), GROUP_LENGTH)]
    return "cbt-" + "-".join(groups)


def normalise_token(text: str) -> str:
    """Return the 24 characters of a token that a person typed; case, blanks and hyphens do not matter.

    :raises MalformedToken: when it cannot be a token.
    """
    bare = "".join(character for character in text.upper() if not character.isspace() and character != "-")
    bare = bare.removeprefix(PREFIX)
    if len(bare) != PAYLOAD_LENGTH + 1 or any(character not in _VALUES for character in bare):
        raise MalformedToken(text[:60])
    canonical = "".join(ALPHABET[_VALUES[character]] for character in bare)
    if _check_character(canonical[:-1]) != canonical[-1]:
        raise MalformedToken(text[:60])
    return canonical


def token_digest(canonical: str, *, key: str) -> str:
    """Return the keyed hash under which a token is stored and found."""
    return hmac.new(key.encode(), b"digest:" + canonical.encode(), hashlib.sha256).hexdigest()


def _check_character(payload: str) -> str:
    """Return the weighted sum over GF(32): it shows every wrong character and every swap of two.

    Position i weighs α^i; α generates all 31 non-zero elements, so no two of 24 positions weigh the same.
    """
    total, weight = 0, 1
    for character in payload:
        total ^= _multiply(weight, _VALUES[character])
        weight = _multiply(weight, 2)
    return ALPHABET[total]


def _multiply(left: int, right: int) -> int:
    """Multiply in GF(32) with the primitive polynomial x⁵ + x² + 1."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 32:
            left ^= 0b100101
        right >>= 1
    return product


def make_password() -> str:
    """Return a random password with a recognisable prefix and a checksum: `cbp_`, 32 random characters, 6 of CRC."""
    body = "".join(secrets.choice(_BASE62) for _ in range(PASSWORD_RANDOM_LENGTH))
    return PASSWORD_PREFIX + body + password_checksum(body)


def derive_password(purpose: str, *, key: str) -> str:
    """Return the password of a demo login, the same each time (never used for a real one)."""
    digest = hmac.new(key.encode(), b"demo:" + purpose.encode(), hashlib.sha256).digest()
    body = "".join(_BASE62[byte % 62] for byte in digest)
    return PASSWORD_PREFIX + body + password_checksum(body)


def password_checksum(body: str) -> str:
    """Return the six base-62 characters of a CRC-32 that end a password, for scanners to check."""
    number = zlib.crc32(body.encode())
    text = ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, 62)
        text = _BASE62[digit] + text
    return text


def password_digest(password: str) -> str:
    """Return the hash of a password; SHA-256 is enough for 190 random bits, and costs a microsecond."""
    return hashlib.sha256(password.encode()).hexdigest()


def is_password(password: str, digest: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(password_digest(password), digest)
