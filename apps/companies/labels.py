"""What the codes of companies are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.companies.rules import CompanyState, ContactState, MemberRole, NumberKind

COMPANY_STATES: Final[Mapping[str, Promise]] = {
    CompanyState.ACTIVE: pgettext_lazy("company", "active"),
    CompanyState.CEASED: pgettext_lazy("company", "ceased"),
    CompanyState.BLOCKED: pgettext_lazy("company", "blocked"),
    CompanyState.MERGED: pgettext_lazy("company", "merged into another"),
}
CONTACT_STATES: Final[Mapping[str, Promise]] = {
    ContactState.ON_FILE: pgettext_lazy("e-mail address", "on file"),
    ContactState.VERIFIED: pgettext_lazy("e-mail address", "verified"),
    ContactState.BOUNCED: pgettext_lazy("e-mail address", "bounces"),
    ContactState.COMPLAINED: pgettext_lazy("e-mail address", "refused by recipient"),
}
NUMBER_KINDS: Final[Mapping[str, Promise]] = {
    NumberKind.FORMER: pgettext_lazy("number of a company", "former number"),
    NumberKind.VAT_UNIT: pgettext_lazy("number of a company", "number of a VAT unit"),
}
ROLES: Final[Mapping[str, Promise]] = {MemberRole.OWNER: _("Owner"), MemberRole.MEMBER: _("Member")}
