"""The Standard Webhooks scheme: secrets, and the three headers by which a receiver knows that a message is ours."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook

from apps.webhooks.rules import SECRET_BYTES


def make_secret() -> str:
    """Return a new secret: `whsec_` and 32 random bytes in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def sign(*, message_uuid: UUID, body: str, keys: Sequence[str], at: datetime) -> dict[str, str]:
    """Return the headers of one attempt; `at` is in UTC. While a secret is replaced there is a signature of each.

    `webhook-id` is the message's for ever, so that a receiver knows what it has had already.
    """
    name = str(message_uuid)
    signatures = [Webhook(key).sign(msg_id=name, timestamp=at, data=body) for key in keys]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
