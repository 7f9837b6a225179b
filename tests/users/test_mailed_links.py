"""Links that are mailed and work once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.core.errors import NotFound
from apps.users.models import MailedLink
from apps.users.rules import LinkPurpose, LinkStanding
from apps.users.selectors import read_link, sign_link
from apps.users.services import LinkNotUsable, TooManyMails, make_link, use_link

pytestmark = pytest.mark.django_db
LIFE = timedelta(days=7)


def make(now: datetime, subject: UUID, address: str = "an@example.be") -> MailedLink:
    return make_link(
        purpose=LinkPurpose.COMPANY_INVITATION, subject_uuid=subject, address=address, language="nl", role="member",
        life=LIFE, actor="test", now=now,
    )  # fmt: skip


def use(link: MailedLink, now: datetime, purpose: LinkPurpose = LinkPurpose.COMPANY_INVITATION) -> MailedLink:
    return use_link(link_uuid=link.uuid, purpose=purpose, now=now)


def test_a_link_works_once_and_looking_does_not_use_it(now: datetime) -> None:
    link = make(now, uuid4())
    signed = sign_link(link)

    assert read_link(signed=signed, now=now).standing is LinkStanding.USABLE
    assert read_link(signed=signed, now=now).standing is LinkStanding.USABLE
    use(link, now)

    assert read_link(signed=signed, now=now).standing is LinkStanding.USED
    with pytest.raises(LinkNotUsable):
        use(link, now)


def test_a_link_expires_to_the_second(now: datetime) -> None:
    link = make(now, uuid4())

    assert read_link(signed=sign_link(link), now=now + LIFE - timedelta(seconds=1)).standing is LinkStanding.USABLE
    with pytest.raises(LinkNotUsable):
        use(link, now + LIFE)
    link.refresh_from_db()
    assert link.used_at is None


def test_a_newer_link_replaces_only_its_like(now: datetime) -> None:
    subject = uuid4()
    first, other_address, other_subject = make(now, subject), make(now, subject, "bo@example.be"), make(now, uuid4())

    second = make(now, subject, "AN@example.be")

    with pytest.raises(LinkNotUsable):
        use(first, now)
    assert [use(link, now).used_at for link in (second, other_address, other_subject)] == [now, now, now]


def test_a_link_is_of_use_for_its_purpose_alone(now: datetime) -> None:
    link = make(now, uuid4())

    with pytest.raises(NotFound):
        use(link, now, LinkPurpose.CONTACT_CONFIRMATION)
    assert read_link(signed=sign_link(link), now=now).standing is LinkStanding.USABLE


@pytest.mark.parametrize("wrong", ["", "nonsense", "0b0e2c8e-7d5b-4f0a-9d55-3c0d6a6f5b11", "{signed}x", "{other}"])
def test_a_text_that_was_not_signed_here_names_nothing(wrong: str, now: datetime) -> None:
    signed = sign_link(make(now, uuid4()))
    other = f"{uuid4()}.{signed.rpartition('.')[2]}"

    with pytest.raises(NotFound):
        read_link(signed=wrong.format(signed=signed, other=other), now=now)


def test_the_fourth_mail_in_an_hour_is_refused_and_says_when(now: datetime, settings: Any) -> None:
    settings.LINK_MAILS_PER_HOUR = 3
    subject = uuid4()
    for minute in (0, 10, 20):
        make(now + timedelta(minutes=minute), subject)

    with pytest.raises(TooManyMails) as refused:
        make(now + timedelta(minutes=30), subject)
    assert refused.value.params["retry_after"] == 30 * 60
    assert MailedLink.objects.count() == 3
    make(now + timedelta(minutes=60), subject)


def test_one_address_has_a_limit_of_its_own_over_all_subjects(now: datetime, settings: Any) -> None:
    settings.LINK_MAILS_PER_ADDRESS_PER_DAY = 2
    make(now, uuid4())
    make(now, uuid4(), "AN@example.be")

    with pytest.raises(TooManyMails):
        make(now, uuid4())
    make(now, uuid4(), "bo@example.be")
