"""The secrets of second factors, stored encrypted."""

from typing import Final

from apps.core import sealing

_PURPOSE: Final = "second factor"


def seal(text: str) -> str:
    """Return a secret as it may be stored."""
    return sealing.seal(text, purpose=_PURPOSE)


def unseal(sealed: str) -> str:
    """Return what was sealed.

    :raises cryptography.fernet.InvalidToken: when it was sealed with another key, or tampered with.
    """
    return sealing.unseal(sealed, purpose=_PURPOSE)
