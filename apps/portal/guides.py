"""The guides for makers of software: the files of `docs/guides`, shown as pages."""

from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.errors import NotFound
from apps.portal.markdown import render_markdown


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: what it is about, in the reader's language; its file in `docs`, where it is not `guides/<slug>.md`."""

    slug: str
    about: Promise
    file: str = ""


@dataclass(frozen=True, slots=True)
class GuidePage:
    """A guide's heading and text, in English."""

    title: str
    text: SafeString


GUIDES: Final = (
    Guide("connect", _("Connect a company")),
    Guide("send-an-invoice", _("Send an invoice")),
    Guide("correct-an-invoice", _("Correct an invoice")),
    Guide("read-payments", _("Read payments")),
    Guide("handle-a-refusal", _("Handle a refusal")),
    Guide("webhooks", _("Be told instead of asking"), "webhooks.md"),
    Guide("sandbox", _("Try everything in the sandbox"), "sandbox.md"),
)


@cache
def read_guide(slug: str) -> GuidePage:
    """Return a guide.

    :raises NotFound: when there is none.
    """
    guide = next((each for each in GUIDES if each.slug == slug), None)
    if guide is None:
        raise NotFound
    text = (settings.BASE_DIR / "docs" / (guide.file or f"guides/{slug}.md")).read_text(encoding="utf-8")
    heading, _break, rest = text.partition("\n")
    return GuidePage(heading.removeprefix("# "), render_markdown(rest, address=_address))


def _address(target: str) -> str:
    """Return where a link between the files leads on this site."""
    if target == "errors.md":
        return reverse("portal:error-codes")
    if target.startswith("../tour/"):
        return reverse("portal:sample", args=[target.removeprefix("../tour/")])
    path = PurePosixPath(target)
    return reverse("portal:guide", args=[path.stem]) if path.suffix == ".md" else target
