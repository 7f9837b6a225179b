"""The mailbox of the embedded default and the sandbox: every mail that would have been sent. It exists nowhere else.

A sandbox on the internet shows everybody what goes to invented addresses, which end in `.example`. What goes to a real
person's address, such as the link to a new password, is for that person alone.
"""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from apps.core.mail import text_part
from apps.users.selectors import list_addresses, person_or_none

SHOWN: Final = 100
# So many are looked through for those that somebody may see.
LOOKED_AT: Final = 1000
INVENTED: Final = ".example"


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
    mails = list(islice(_open_to(request, _newest()), SHOWN))
    return render(request, "portal/mailbox.html", {"mails": mails, "has_private": not settings.EMBEDDED})


def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail, its text and its HTML."""
    _only_where_mails_stay()
    return render(request, "portal/mail.html", {"mail": _find(request, name)})


@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Show the HTML part alone, for the frame of the page above; it may run nothing and fetch nothing.

    Its links open beside the mailbox, as in a mail program.
    """
    _only_where_mails_stay()
    allowed = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'"
    html = _find(request, name).html.replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(html, headers={"Content-Security-Policy": allowed})


def _only_where_mails_stay() -> None:
    if not (settings.EMBEDDED or settings.SANDBOX):
        raise Http404


def _newest() -> list[Path]:
    folder = Path(settings.EMAIL_DIR)
    return sorted(folder.glob("[!.]*.eml"), reverse=True)[:LOOKED_AT] if folder.is_dir() else []


def _open_to(request: HttpRequest, paths: list[Path]) -> Iterator[Mail]:
    """Yield the mails that whoever looks may see."""
    own: set[str] | None = None
    for mail in map(_read, paths):
        address = parseaddr(mail.to)[1].lower()
        if settings.EMBEDDED or address.endswith(INVENTED):
            yield mail
            continue
        if own is None:
            own = list_addresses(person=person_or_none(request.user))
        if address in own:
            yield mail


def _find(request: HttpRequest, name: str) -> Mail:
    for mail in _open_to(request, [_path(name)]):
        return mail
    raise Http404


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
