"""Secrets that must be read again are stored encrypted, with a key that is derived from one of the environment."""

import base64

from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def seal(text: str, *, purpose: str) -> str:
    """Return a text as it may be stored; each purpose has a key of its own."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Return what was sealed for a purpose.

    :raises cryptography.fernet.InvalidToken: when it was sealed with another key, or tampered with.
    """
    return _cipher(purpose).decrypt(sealed.encode()).decode()


def _cipher(purpose: str) -> Fernet:
    key = salted_hmac(purpose, "sealing", secret=settings.TOKEN_KEY, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
