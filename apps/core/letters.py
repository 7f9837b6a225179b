"""How every mail to a person is put together: a subject, a plain text and an HTML part, from three templates.

The HTML templates are written with ordinary elements and the one style sheet of `emails/layout.html`; here its rules
are written into the elements, since several mail programs drop style sheets. What depends on the reader's screen
(dark, narrow) stays in the sheet.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from css_inline import CSSInliner
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

# A message that no mail server took for so long is given up.
GIVE_UP_AFTER: Final = timedelta(days=2)
# A template's own line ends and indents; French no-break spaces stay.
_BLANKS: Final = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message is about: its templates' name, what they show, to whom, and its identity.

    `uuid` and `written_at` make the same Message-ID and Date each time, so a repeated hand-over is no second message.
    `metadata` (at least what the mail service's webhooks must bring back) travels beside it where Anymail sends.
    """

    name: str
    to: str
    language: str
    uuid: UUID
    written_at: datetime
    context: Mapping[str, Any]
    metadata: Mapping[str, str] = field(default_factory=dict)


def compose(letter: Letter) -> EmailMultiAlternatives:
    """Return the message, from `emails/<name>-subject.txt`, `…-body-text.txt` and `…-body-html.html`."""
    context = {
        "language": letter.language,
        "site_name": settings.SITE_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "base_url": settings.BASE_URL,
        **letter.context,
    }
    with translation.override(letter.language):
        subject = _BLANKS.sub(" ", render_to_string(f"emails/{letter.name}-subject.txt", context)).strip()
        text = render_to_string(f"emails/{letter.name}-body-text.txt", context)
        html = render_to_string(f"emails/{letter.name}-body-html.html", context | {"subject": subject})
    message = EmailMultiAlternatives(
        subject=subject,
        body=text.strip() + "\n",
        to=[letter.to],
        headers={
            "Message-ID": f"<{letter.uuid}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>",
            "Date": format_datetime(letter.written_at),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(_inliner().inline(html), "text/html")
    # Anymail sends it along, so that the mail service's webhooks say what they are about; SMTP ignores it.
    message.metadata = dict(letter.metadata)  # type: ignore[attr-defined] # Anymail's own addition
    return message


@cache
def _inliner() -> CSSInliner:
    # Whatever a template says, composing a mail fetches nothing.
    return CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
