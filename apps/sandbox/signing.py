"""Signatures by which the service believes what the sandbox says: Ed25519, over one way to write JSON."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def public_key_of(key: bytes) -> bytes:
    """Return the 32 bytes that know what the 32 secret ones have signed."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def sign(content: Mapping[str, Any], *, key: bytes) -> str:
    """Return the signature of a content, however it is laid out later."""
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(key).sign(_as_signed(content))).decode()


def is_signed(content: Mapping[str, Any], signature: str, *, keys: Sequence[bytes]) -> bool:
    """Tell whether one of these public keys knows the signature of a content."""
    try:
        signed = base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return False
    return any(_fits(key, signed, _as_signed(content)) for key in keys)


def _fits(key: bytes, signed: bytes, written: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed, written)
    except InvalidSignature:
        return False
    return True


def _as_signed(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
