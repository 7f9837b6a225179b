"""What staff write to a maker: ready to be sent, in the language in which staff read."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.display import day
from apps.tokens.models import Software


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to a maker; `to` is empty where no address is known."""

    to: str
    subject: str
    text: str

    @property
    def address(self) -> str:
        """Return what opens it in a mail program."""
        return f"mailto:{quote(self.to)}?subject={quote(self.subject)}&body={quote(self.text)}"


def quiet_letter(*, software: Software, called_on: date) -> Letter:
    """Return what is asked of the maker of a software that has been quiet since a day."""
    facts = {
        "software": software.name,
        "site": settings.SITE_NAME,
        "day": day(called_on),
        "page": f"{settings.BASE_URL}/software/{software.slug}/",
        "support": settings.SUPPORT_EMAIL,
    }
    text = _(
        "Hello,\n\n%(software)s last reached %(site)s on %(day)s. Our public list now says so: %(page)s\n\nDoes the "
        "connection still work for your customers? If it stopped by itself, we gladly help to find out why. If you no "
        "longer offer it, tell us, and we take %(software)s off the list.\n\nKind regards,\n%(site)s\n%(support)s"
    )
    subject = _("Is the connection of %(software)s with %(site)s still in use?")
    return Letter(software.vendor.email, subject % facts, text % facts)
