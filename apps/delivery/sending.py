"""How something is handed to a destination, and what went wrong when it was not, in codes."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from apps.delivery import emails
from apps.delivery.models import Delivery, Destination, Mailing
from apps.delivery.rules import ANSWER_LENGTH, Outcome

# A mail server's answers that are about one message: its size, its content.
_ABOUT_THE_MESSAGE: Final = (552, 554)
_TEMPORARY: Final = 421


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said of something that is there now, and where it lies."""

    text: str
    place: str = ""
    outcome: Outcome = Outcome.DONE


class NotHandedOver(Exception):
    """Nothing arrived: `code` says why, `answer` is what the other side said."""

    def __init__(self, code: str, answer: object = "") -> None:
        super().__init__(code)
        self.code, self.answer = code, bounded(answer)


class DestinationFailed(NotHandedOver):
    """Nothing else would arrive there either for now; `is_ours` when it is no fault of the destination."""

    is_ours = False


class OursFailed(DestinationFailed):
    """Our own mail server does not take messages: nothing to tell an office about its destination."""

    is_ours = True


class DocumentRefused(NotHandedOver):
    """This one thing was refused, another may go through."""


Send = Callable[[Delivery | Mailing], Answer]


def open_sender(destination: Destination) -> AbstractContextManager[Send]:
    """Return what hands over to a destination; it connects with the first thing sent, and once for all of them."""
    del destination
    return _mail_sender()


@contextmanager
def _mail_sender() -> Iterator[Send]:
    connection = get_connection()
    try:
        yield partial(_mail, connection)
    finally:
        # When it is gone already, what was sent before was answered all the same.
        with suppress(smtplib.SMTPException, OSError):
            connection.close()


def _mail(connection: BaseEmailBackend, parcel: Delivery | Mailing) -> Answer:
    message: EmailMessage = emails.daily_mail(parcel) if isinstance(parcel, Mailing) else emails.invoice_mail(parcel)
    message.connection = connection
    try:
        message.send()
    except AnymailRecipientsRefused as error:
        raise DestinationFailed("address_refused", error) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise _of_recipient(error) from error
    except smtplib.SMTPDataError as error:
        if error.smtp_code in _ABOUT_THE_MESSAGE:
            raise DocumentRefused("message_refused", _said(error.smtp_code, error.smtp_error)) from error
        raise OursFailed("mail_unavailable", _said(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, AnymailError, OSError) as error:
        raise OursFailed("mail_unavailable", error) from error
    return Answer(message.extra_headers["Message-ID"])


def _of_recipient(error: smtplib.SMTPRecipientsRefused) -> DestinationFailed:
    code, answer = next(iter(error.recipients.values()))
    kind = OursFailed if code == _TEMPORARY else DestinationFailed
    return kind("mail_unavailable" if code == _TEMPORARY else "address_refused", _said(code, answer))


def _said(code: int, answer: bytes | str) -> str:
    text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
    return f"{code} {text}"


def bounded(answer: object) -> str:
    """Return what the other side said as one line that a page and a column can hold."""
    text = "".join(char if char.isprintable() else " " for char in str(answer))
    return " ".join(text.split())[:ANSWER_LENGTH]
