"""Links in mails that need no sign-in, because only their reader can have them."""

from typing import Final
from uuid import UUID

from django.core.signing import BadSignature, Signer

_WITHDRAWALS: Final = Signer(salt="withdraw-connection-request", sep=".")


def sign_withdrawal(request_uuid: UUID) -> str:
    """Return the text by which the reader of a token mail withdraws its request; it holds no token."""
    return _WITHDRAWALS.sign(str(request_uuid))


def read_withdrawal(signed: str) -> UUID:
    """Return the request that a text names; one that was not signed here gives the nil UUID, which names nothing."""
    try:
        return UUID(_WITHDRAWALS.unsign(signed))
    except (BadSignature, ValueError):
        return UUID(int=0)
