"""The mail folder of the embedded default: one `.eml` file a message, written beside and renamed."""

import os
from collections.abc import Sequence
from datetime import UTC
from email.message import EmailMessage as MimeMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from apps.core import clock


class FolderBackend(BaseEmailBackend):
    """Writes each message as `$DATA_DIR/mail/<UTC instant>-<message uuid>.eml`.

    Instant and uuid come from the message's own Date and Message-ID, so a message handed over twice is one file.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write every message; each is whole or absent, whatever kills the process."""
        folder = Path(settings.EMAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            _write(folder, message.message().as_bytes(), name=file_name(message))
        return len(email_messages)


def file_name(message: EmailMessage) -> str:
    """Return the file name of a message, the same each time it is handed over."""
    headers = message.extra_headers
    sent_at = parsedate_to_datetime(headers["Date"]) if "Date" in headers else clock.now()
    return f"{sent_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{_message_uuid(headers.get('Message-ID', ''))}.eml"


def _message_uuid(message_id: str) -> UUID:
    try:
        return UUID(message_id.strip("<>").partition("@")[0])
    except ValueError:
        return uuid4()


def _write(folder: Path, content: bytes, *, name: str) -> None:
    beside = folder / f".{name}.{os.getpid()}"
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / name)


def text_part(message: MimeMessage) -> str:
    """Return the plain text of a parsed message, or an empty text when it has none."""
    part = message.get_body(("plain",))
    return str(part.get_content()) if part else ""
