"""The report of a self-test as a file: what the sandbox hands out, signed, and what the service reads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.errors import DomainError
from apps.sandbox import signing
from apps.sandbox.models import SelfTestReport
from apps.sandbox.rules import Group, Verdict

KIND: Final = "self-test-report"
MOST_CHARACTERS: Final = 20_000


class ReportUnreadable(DomainError):
    """It is no report at all, or only a part of one."""

    code = "report_unreadable"
    sentence = _("This is no report of a self-test. Send the whole file as the sandbox gave it.")


class ReportSignatureWrong(DomainError):
    """It was changed, or somebody else made it."""

    code = "report_signature_wrong"
    sentence = _(
        "This report was changed, or does not come from our sandbox. Download it there again, and send it as it is."
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says, once its signature was found right."""

    uuid: UUID
    slug: str
    name: str
    made_at: datetime
    is_compatible: bool
    groups: tuple[Group, ...]


def write_report(report: SelfTestReport) -> str:
    """Return a report as a file: JSON that people can read, with the sandbox's signature."""
    content = {
        "kind": KIND,
        "id": str(report.uuid),
        "sandbox": settings.BASE_URL,
        "software": {"slug": report.software.slug, "name": report.software.name},
        "made_at": clock.write_instant(report.made_at),
        "is_compatible": report.is_compatible,
        "works_for": list(Verdict(frozenset(report.done)).groups),
        "done": report.done,
        "missing": report.missing,
    }
    signature = signing.sign(content, key=settings.SELF_TEST_SIGNING_KEY)
    return json.dumps({"report": content, "signature": signature}, indent=2, ensure_ascii=False) + "\n"


def read_report(text: str) -> Told:
    """Return what a report says.

    :raises ReportUnreadable: when it is none.
    :raises ReportSignatureWrong: when none of our sandboxes signed it so.
    """
    content, signature = _parts(text)
    if not signing.is_signed(content, signature, keys=settings.SELF_TEST_PUBLIC_KEYS):
        raise ReportSignatureWrong
    return Told(
        uuid=UUID(content["id"]),
        slug=content["software"]["slug"],
        name=content["software"]["name"],
        made_at=datetime.fromisoformat(content["made_at"]),
        is_compatible=content["is_compatible"],
        groups=tuple(Group(each) for each in content["works_for"]),
    )


def _parts(text: str) -> tuple[Mapping[str, Any], str]:
    """Return the content and its signature; what is signed is ours, so only the signature's own frame is looked at."""
    if len(text) > MOST_CHARACTERS:
        raise ReportUnreadable
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReportUnreadable from error
    content, signature = (whole.get(name) for name in ("report", "signature")) if isinstance(whole, dict) else (0, 0)
    if not (isinstance(content, dict) and isinstance(signature, str) and content.get("kind") == KIND):
        raise ReportUnreadable
    return content, signature
