"""Secrets that must be read again (those of second factors) are stored encrypted, with a key from the environment."""

import base64

from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def seal(text: str) -> str:
    """Return a text as it may be stored."""
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed.

    :raises cryptography.fernet.InvalidToken: when it was sealed with another key, or tampered with.
    """
    return _cipher().decrypt(sealed.encode()).decode()


def _cipher() -> Fernet:
    key = salted_hmac("second factor", "sealing", secret=settings.TOKEN_KEY, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
