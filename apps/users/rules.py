"""Links that are mailed to a person and work once: what they are for, and how each one stands."""

from datetime import datetime
from enum import StrEnum
from typing import Final


class LinkPurpose(StrEnum):
    """What a mailed link lets its reader do."""

    COMPANY_FIRST_MEMBER = "company_first_member"
    COMPANY_INVITATION = "company_invitation"
    OFFICE_FIRST_MEMBER = "office_first_member"
    OFFICE_INVITATION = "office_invitation"
    VENDOR_FIRST_MEMBER = "vendor_first_member"
    VENDOR_INVITATION = "vendor_invitation"
    CONTACT_CONFIRMATION = "contact_confirmation"
    DESTINATION_CONFIRMATION = "destination_confirmation"


# Who signed in so lately is not asked again before something that matters.
RECENT_SIGN_IN_SECONDS: Final = 300


class SecurityChange(StrEnum):
    """What about a login a person is told of by mail, in case it was not them."""

    PASSWORD_CHANGED = "password_changed"  # noqa: S105 # no password
    PASSWORD_SET = "password_set"  # noqa: S105 # no password
    PASSWORD_RESET = "password_reset"  # noqa: S105 # no password
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_REMOVED = "address_removed"
    ADDRESS_CONFIRMED = "address_confirmed"
    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    CODES_MADE = "codes_made"
    REMOVED_BY_STAFF = "removed_by_staff"


FIRST_MEMBER_LINKS: Final = frozenset(
    {LinkPurpose.COMPANY_FIRST_MEMBER, LinkPurpose.OFFICE_FIRST_MEMBER, LinkPurpose.VENDOR_FIRST_MEMBER}
)

# Who made a link that its reader asked for, with an earlier one of the same kind in hand.
ASKED_BY_READER: Final = "mail link"


class LinkStanding(StrEnum):
    """How a mailed link stands at an instant."""

    USABLE = "usable"
    USED = "used"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def link_standing(
    *,
    used_at: datetime | None,
    replaced_at: datetime | None,
    withdrawn_at: datetime | None,
    expires_at: datetime,
    now: datetime,
) -> LinkStanding:
    """Return how a link stands: what was done with it counts before what the clock says."""
    if used_at is not None:
        return LinkStanding.USED
    if replaced_at is not None:
        return LinkStanding.REPLACED
    if withdrawn_at is not None:
        return LinkStanding.WITHDRAWN
    return LinkStanding.EXPIRED if expires_at <= now else LinkStanding.USABLE


def is_recent_sign_in(signed_in_at: float, *, now: float) -> bool:
    """Tell whether somebody signed in, or proved who they are, a moment ago; both in seconds."""
    return now - signed_in_at < RECENT_SIGN_IN_SECONDS
