from dataclasses import fields, replace

import pytest

from apps.tokens.rules import Check, Facts, is_address_refused, run_checks

ALL_GOOD = Facts(*[True] * len(fields(Facts)))
ORDER = [
    ("is_company_known", Check.COMPANY_KNOWN),
    ("is_company_active", Check.COMPANY_ACTIVE),
    ("has_office", Check.OFFICE_LINKED),
    ("is_office_client", Check.OFFICE_IS_CLIENT),
    ("has_email", Check.EMAIL_KNOWN),
    ("is_email_deliverable", Check.EMAIL_DELIVERABLE),
    ("is_mail_available", Check.MAIL_AVAILABLE),
]


def test_all_checks_pass_in_their_order() -> None:
    assert run_checks(ALL_GOOD) == [(check, True) for _name, check in ORDER]


@pytest.mark.parametrize(("position", "name", "check"), [(i, *row) for i, row in enumerate(ORDER)])
def test_the_first_failing_check_is_the_last_one_run(position: int, name: str, check: Check) -> None:
    later_fail_too = {later: False for later, _check in ORDER[position:]}

    done = run_checks(replace(ALL_GOOD, **later_fail_too))

    assert done[-1] == (check, False)
    assert len(done) == position + 1


@pytest.mark.parametrize(
    ("code", "answer", "is_refused"),
    [
        (550, "5.1.1 There is no such mailbox", True),
        (550, "5.1.10 The domain takes no mail", True),
        (550, "5.2.1 This mailbox is disabled", True),
        (450, "4.2.0 Greylisted, try again later", False),
        (552, "5.2.2 This mailbox is full", False),
        (554, "5.7.1 Relaying denied", False),
        (550, "5.1.8 The sender's address does not exist", False),
        (550, "No", False),
        (450, "5.1.1 A status that does not go with its code", False),
    ],
)
def test_only_an_answer_about_the_address_itself_condemns_it(code: int, answer: str, is_refused: bool) -> None:
    assert is_address_refused(code, answer) is is_refused
