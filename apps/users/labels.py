"""What mailed links are for, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from apps.users.rules import LinkPurpose

LINK_PURPOSES: Final[Mapping[str, Promise]] = {
    LinkPurpose.COMPANY_FIRST_MEMBER: pgettext_lazy("mailed link", "first member of a company"),
    LinkPurpose.COMPANY_INVITATION: pgettext_lazy("mailed link", "invitation to a company"),
    LinkPurpose.OFFICE_FIRST_MEMBER: pgettext_lazy("mailed link", "first member of an accounting office"),
    LinkPurpose.OFFICE_INVITATION: pgettext_lazy("mailed link", "invitation to an accounting office"),
    LinkPurpose.VENDOR_FIRST_MEMBER: pgettext_lazy("mailed link", "first member of a maker of software"),
    LinkPurpose.VENDOR_INVITATION: pgettext_lazy("mailed link", "invitation to a maker of software"),
    LinkPurpose.CONTACT_CONFIRMATION: pgettext_lazy("mailed link", "confirmation of a company's address"),
    LinkPurpose.DESTINATION_CONFIRMATION: pgettext_lazy("mailed link", "confirmation of a destination"),
}
