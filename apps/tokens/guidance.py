"""Where a code is pasted, per software: the steps that the token mail prints.

Only what a vendor's own public pages say; every other software gets steps that hold for any. Each step may name
%(software)s and %(site)s.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_ANY_SOFTWARE: Final[tuple[Promise, ...]] = (
    _("Open the settings of %(software)s and go to %(site)s."),
    _("Paste the code."),
    _("Confirm. The connection then works at once."),
)

_BY_SLUG: Final[dict[str, tuple[Promise, ...]]] = {
    # robaws.com/nl-NL/integraties/codabox and docs.robaws.be/project/instellingen/integraties/codabox
    "robaws": (
        _("In %(software)s, open the settings, choose Integrations at the bottom of the menu, and then %(site)s."),
        _("In the window that opens, set the switch to active and choose to activate a token. Paste the code there."),
        _(
            "Do your invoices already go to your accountant by e-mail from %(software)s? Switch that off first, or "
            "nothing is sent through %(site)s."
        ),
    ),
    # help.comanage.me: "Hoe krijg ik vanuit CoManage al mijn bestanden naar mijn boekhouder"
    "comanage": (
        _("In %(software)s, open the page with the integrations and choose %(site)s."),
        _("Paste the code."),
        _("Confirm. The connection then works at once."),
    ),
}


def has_own_steps(slug: str) -> bool:
    """Tell whether the steps in a software are known, or are those that hold for any."""
    return slug in _BY_SLUG


def list_steps(*, slug: str, software_name: str, site_name: str) -> list[str]:
    """Return the steps in a software, in the active language and in their order."""
    names = {"software": software_name, "site": site_name}
    return [str(step) % names for step in _BY_SLUG.get(slug, _ANY_SOFTWARE)]
