from dataclasses import fields, replace

import pytest

from apps.tokens.rules import Check, Facts, run_checks

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
