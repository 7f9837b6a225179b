"""What wins when two companies become one."""

import pytest

from apps.companies.rules import ContactState, MemberRole, higher_role, is_better_contact

V, F, B, C = ContactState.VERIFIED, ContactState.ON_FILE, ContactState.BOUNCED, ContactState.COMPLAINED


@pytest.mark.parametrize(
    ("candidate", "standing", "is_better"),
    [
        (V, F, True), (V, B, True), (F, B, True), (F, C, True),
        (V, V, False), (F, F, False), (F, V, False), (B, F, False), (B, C, False), (C, B, False), (B, V, False),
    ],
)  # fmt: skip
def test_a_verified_address_beats_one_on_file_and_the_standing_one_wins_a_tie(
    candidate: ContactState, standing: ContactState, is_better: bool
) -> None:
    assert is_better_contact(candidate, standing) is is_better


def test_the_higher_role_may_do_more() -> None:
    assert higher_role(MemberRole.MEMBER, MemberRole.OWNER) is MemberRole.OWNER
    assert higher_role(MemberRole.OWNER, MemberRole.MEMBER) is MemberRole.OWNER
    assert higher_role(MemberRole.MEMBER, MemberRole.MEMBER) is MemberRole.MEMBER
