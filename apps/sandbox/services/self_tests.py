"""What a software has shown in the sandbox, and its dated reports."""

from datetime import datetime

from apps.sandbox.models import SelfTestReport
from apps.sandbox.rules import STEPS, Verdict
from apps.sandbox.selectors import judge_software
from apps.tokens.models import Software
from apps.tokens.services.software import write_usage


def judge_now(*, software: Software) -> Verdict:
    """Return which steps of the self-test a software has done, the calls of this minute included."""
    write_usage()
    return judge_software(software=software)


def report_self_test(*, software: Software, now: datetime) -> SelfTestReport:
    """Write down what a software has shown until now, with the day; earlier reports stay."""
    verdict = judge_now(software=software)
    return SelfTestReport.objects.create(
        software=software,
        made_at=now,
        is_compatible=verdict.is_compatible,
        done=[step for step in STEPS if step in verdict.done],
        missing=[step for step in STEPS if step not in verdict.done],
    )
