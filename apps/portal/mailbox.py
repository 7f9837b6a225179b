"""The mailbox of the embedded default: every mail that would have been sent. It exists nowhere else."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from apps.core.mail import text_part

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in the folder."""

    name: str
    subject: str
    to: str
    date: str
    text: str
    html: str


def mailbox(request: HttpRequest) -> HttpResponse:
    """List the newest mails."""
    _only_where_mails_stay()
    return render(request, "portal/mailbox.html", {"mails": [_read(path) for path in _newest()]})


def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail, its text and its HTML."""
    _only_where_mails_stay()
    return render(request, "portal/mail.html", {"mail": _read(_path(name))})


@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Show the HTML part alone, for the frame of the page above; it may run nothing and fetch nothing.

    Its links open beside the mailbox, as in a mail program.
    """
    del request
    _only_where_mails_stay()
    allowed = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'"
    html = _read(_path(name)).html.replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(html, headers={"Content-Security-Policy": allowed})


def _only_where_mails_stay() -> None:
    if not (settings.EMBEDDED or settings.SANDBOX):
        raise Http404


def _newest() -> list[Path]:
    folder = Path(settings.EMAIL_DIR)
    return sorted(folder.glob("[!.]*.eml"), reverse=True)[:SHOWN] if folder.is_dir() else []


def _path(name: str) -> Path:
    for path in Path(settings.EMAIL_DIR).glob("[!.]*.eml"):
        if path.name == name:
            return path
    raise Http404


def _read(path: Path) -> Mail:
    with path.open("rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 # the default policy makes this class
    html = message.get_body(("html",))
    return Mail(
        name=path.name,
        subject=str(message["Subject"]),
        to=str(message["To"]),
        date=str(message["Date"]),
        text=text_part(message),
        html=str(html.get_content()) if html else "",
    )
