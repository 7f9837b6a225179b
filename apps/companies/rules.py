"""States of companies and their contact e-mails (product page, "States")."""

from enum import StrEnum
from typing import Final


class CompanyState(StrEnum):
    """Whether a company may use the service at all; a merged one is part of another and stays so."""

    ACTIVE = "active"
    CEASED = "ceased"
    BLOCKED = "blocked"
    MERGED = "merged"


COMPANY_TRANSITIONS: Final[dict[CompanyState, frozenset[CompanyState]]] = {
    CompanyState.ACTIVE: frozenset({CompanyState.CEASED, CompanyState.BLOCKED, CompanyState.MERGED}),
    CompanyState.CEASED: frozenset({CompanyState.ACTIVE, CompanyState.BLOCKED, CompanyState.MERGED}),
    CompanyState.BLOCKED: frozenset({CompanyState.ACTIVE, CompanyState.CEASED, CompanyState.MERGED}),
    CompanyState.MERGED: frozenset(),
}


class ContactState(StrEnum):
    """What is known of the address on file; `on_file` is enough to be mailed."""

    ON_FILE = "on_file"
    VERIFIED = "verified"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


CONTACT_TRANSITIONS: Final[dict[ContactState, frozenset[ContactState]]] = {
    ContactState.ON_FILE: frozenset({ContactState.VERIFIED, ContactState.BOUNCED, ContactState.COMPLAINED}),
    ContactState.VERIFIED: frozenset({ContactState.BOUNCED, ContactState.COMPLAINED}),
    ContactState.BOUNCED: frozenset({ContactState.ON_FILE, ContactState.VERIFIED}),
    ContactState.COMPLAINED: frozenset({ContactState.ON_FILE, ContactState.VERIFIED}),
}

DELIVERABLE: Final = frozenset({ContactState.ON_FILE, ContactState.VERIFIED})


class NumberKind(StrEnum):
    """A further number of a company: one it had before, or the VAT number of a VAT unit it belongs to."""

    FORMER = "former"
    VAT_UNIT = "vat_unit"


class MemberRole(StrEnum):
    """What a member may do in a place."""

    OWNER = "owner"
    MEMBER = "member"


def is_better_contact(candidate: ContactState, standing: ContactState) -> bool:
    """Tell whether an address in one state replaces another when two companies become one.

    A verified address beats one on file, which beats an undeliverable one; the standing one wins a tie.
    """
    return _TRUST[candidate] > _TRUST[standing]


_TRUST: Final = {
    ContactState.VERIFIED: 2,
    ContactState.ON_FILE: 1,
    ContactState.BOUNCED: 0,
    ContactState.COMPLAINED: 0,
}


def higher_role(one: MemberRole, other: MemberRole) -> MemberRole:
    """Return the role that may do more."""
    return MemberRole.OWNER if MemberRole.OWNER in {one, other} else MemberRole.MEMBER


LANGUAGES: Final = ("nl", "fr", "en", "de")


def mask_address(address: str) -> str:
    """Return an e-mail address that its owner recognises and a stranger cannot use: `j***@example.be`."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"
