"""Chosen invoices as one ZIP that is sent while it is read, and delivered again; shared by both lists of invoices."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.translation import ngettext

from apps.core.clock import BRUSSELS
from apps.delivery.archives import write_archive
from apps.delivery.bundles import read_bundle
from apps.delivery.redelivering import deliver_again
from apps.portal.lists.words import in_digits


def archive_response(
    invoices: Sequence[Any], *, office: Any, now: datetime, on_read: Callable[[Any], None] | None = None
) -> HttpResponseBase:
    """Return the documents of invoices as a ZIP with its manifest; one file is in memory at a time."""
    documents = read_bundle(invoice_ids=[invoice.pk for invoice in invoices], office=office, on_read=on_read)
    response = StreamingHttpResponse(write_archive(documents), content_type="application/zip")
    name = f"invoices-{now.astimezone(BRUSSELS):%Y-%m-%d-%H%M}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def deliver_again_text(invoices: Sequence[Any], *, actor: str, now: datetime) -> str:
    """Deliver invoices again and say so."""
    count = deliver_again(invoice_ids=[invoice.pk for invoice in invoices], actor=actor, now=now)
    sentence = ngettext("%(number)s invoice is delivered again.", "%(number)s invoices are delivered again.", count)
    return sentence % {"number": in_digits(count)}
