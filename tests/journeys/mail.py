"""The mails of a running service."""

from email import message_from_bytes, policy
from functools import cache
from pathlib import Path
from typing import Any

from apps.core.mail import text_part
from tests.journeys.instances import Instance


def mails_to(instance: Instance, address: str) -> list[Any]:
    """Return the messages to an address, in the order in which they were written.

    By their files' times: a name says the second only, and two of one second would stand in any order.
    """
    paths = sorted((instance.data_dir / "mail").glob("[!.]*.eml"), key=_written_at)
    messages = map(_read, paths)
    return [message for message in messages if address in str(message["To"])]


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns


@cache
def _read(path: Path) -> Any:
    """Return the message of a file; it never changes, and is looked for again and again."""
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def tokens_in(message: Any) -> list[str]:
    """Return the tokens that a message carries: one, in a token's mail."""
    return [line for line in text_part(message).splitlines() if line.startswith("cbt-")]


def tokens_for(instance: Instance, address: str) -> list[str]:
    """Return the tokens mailed to an address, oldest first."""
    return [token for message in mails_to(instance, address) for token in tokens_in(message)]
