"""Passwords and keys of one $DATA_DIR: made once, kept in `secrets.json`, readable by its owner only."""

import base64
import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.embedded import folders

PASSWORDS = ("postgres_password", "owner_password", "app_password", "valkey_password")
APP_KEYS = ("SECRET_KEY", "TOKEN_KEY", "ENCRYPTION_KEY", "SELF_TEST_SIGNING_KEY")


def load(data: Path) -> dict[str, str]:
    """Return all secrets, making those that are missing.

    :raises EmbeddedError: when the folder was made by another user.
    """
    path = data / "secrets.json"
    if path.exists() and path.stat().st_uid != os.geteuid():
        raise folders.EmbeddedError(f"{data} belongs to another user: run as that user, or choose another DATA_DIR.")
    kept = folders.read_json(path)
    missing = [name for name in (*PASSWORDS, *APP_KEYS) if name not in kept]
    if missing:
        kept.update({name: _random() for name in missing})
        folders.write_private(path, json.dumps(kept, indent=1))
    return kept


def public_key_of(key: str) -> str:
    """Return by what the service knows the reports that its sandbox signs with a key."""
    secret = base64.b64decode(key.replace("-", "+").replace("_", "/"))
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()).decode()


def _random() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
