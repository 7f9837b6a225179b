"""How something is handed to a destination, and what went wrong when it was not, in codes."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from apps.core.sealing import unseal
from apps.core.targets import one_line
from apps.delivery import emails
from apps.delivery.archives import ArchivedDocument, file_name
from apps.delivery.documents import list_documents
from apps.delivery.models import Delivery, Destination, Mailing
from apps.delivery.rules import ANSWER_LENGTH, OUT_FOLDER, Channel, Outcome
from apps.delivery.sftp import SftpAccount, SftpFailed, SftpSession

# A mail server's answers that are about one message: its size, its content.
_ABOUT_THE_MESSAGE: Final = (552, 554)
_TEMPORARY: Final = 421
# The purpose under which the secrets of servers are encrypted.
SEALED_FOR: Final = "sftp destination"


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
    return _sftp_sender(destination) if destination.channel == Channel.SFTP else _mail_sender()


@contextmanager
def _sftp_sender(destination: Destination) -> Iterator[Send]:
    try:
        account = account_of(destination)
    except InvalidToken as error:
        yield partial(_fail, DestinationFailed("secret_unreadable", error))
        return
    with SftpSession(account, seconds=settings.SFTP_TIMEOUT_SECONDS) as session:
        yield partial(_put, session, destination.folder)


def _fail(error: NotHandedOver, _parcel: Delivery | Mailing) -> Answer:
    raise error


def account_of(destination: Destination) -> SftpAccount:
    """Return the account that a destination on a server stands for.

    :raises cryptography.fernet.InvalidToken: when its secret was encrypted with another key.
    """
    secret = unseal(destination.sealed_secret, purpose=SEALED_FOR)
    return SftpAccount(
        host=destination.host,
        port=destination.port,
        username=destination.username,
        host_key=destination.host_key,
        password="" if destination.public_key else secret,
        private_key=secret if destination.public_key else "",
    )


def _put(session: SftpSession, folder: str, parcel: Delivery | Mailing) -> Answer:
    """Put a document's files into `CLIENTCODE/YEAR/Invoices-OUT-01/`, the XML last: who finds it finds all of them."""
    assert isinstance(parcel, Delivery)  # noqa: S101 # only mail has daily messages
    [document] = list_documents([parcel], at_most=2 * settings.MAX_PART_BYTES)
    below = f"{document.folder}/{OUT_FOLDER}"
    whole = f"{folder}/{below}" if folder else below
    are_new, name = False, ""
    try:
        for file in reversed(document.files):
            is_new, name = put_file(session, whole, document, file.ending, file.read())
            are_new |= is_new
    except SftpFailed as error:
        kind = DocumentRefused if error.is_about_file else DestinationFailed
        raise kind(error.code, error.answer) from error
    outcome = Outcome.DONE if are_new else Outcome.THERE_ALREADY
    return Answer(f"{whole}/{name}", place=f"{below}/{name}"[:300], outcome=outcome)


def put_file(
    session: SftpSession, folder: str, document: ArchivedDocument, ending: str, content: bytes
) -> tuple[bool, str]:
    """Put one file, under a name with its hash where another content has its name; returns whether it was new."""
    for is_taken in (False, True):
        name = file_name(document, ending, content, lambda _name, taken=is_taken: taken)  # type: ignore[misc]
        try:
            return session.put(folder, name, content), name
        except FileExistsError:
            continue
    raise SftpFailed("file_refused", folder, is_about_file=True)


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
    return one_line(answer, at_most=ANSWER_LENGTH)
