"""Chosen invoices as one ZIP, and delivered again, at once or by the worker; shared by both lists of invoices."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from apps.core.clock import BRUSSELS
from apps.delivery.archives import write_archive
from apps.delivery.bundles import read_bundle
from apps.delivery.listing import listing_in
from apps.delivery.preparing import Place, ask_bundle
from apps.delivery.redelivering import ask_redelivery_of_many, deliver_again
from apps.portal.lists.declaration import BulkAction
from apps.portal.lists.words import in_digits


def archive_actions(
    place: Place, *, actor: str, now: datetime, on_read: Callable[[Any], None] | None = None
) -> tuple[BulkAction[Any], BulkAction[Any]]:
    """Return what can be done with invoices of an office or company: have them as a ZIP, and delivered again."""

    def prepare(ids: Sequence[int]) -> HttpResponseBase:
        ask_bundle(invoice_ids=ids, place=place, actor=actor, now=now)
        return redirect(large_url(place))

    def deliver(ids: Sequence[int]) -> HttpResponseBase:
        ask_redelivery_of_many(invoice_ids=ids, subject_uuid=place.uuid, actor=actor, now=now)
        return redirect(large_url(place))

    return (
        BulkAction(
            "zip",
            gettext_lazy("Download (ZIP)"),
            lambda rows: archive_response(rows, place=place, now=now, on_read=on_read),
            takes_all=True,
            run_many=prepare,
        ),
        BulkAction(
            "again",
            gettext_lazy("Deliver again"),
            lambda rows: deliver_again_text(rows, actor=actor, now=now),
            takes_all=True,
            run_many=deliver,
        ),
    )


def large_url(place: Place) -> str:
    """Return the page on which an office or a company sees what the worker does for it."""
    return reverse("portal:office-large" if place.office else "portal:company-large", args=[place.uuid])


def archive_response(
    invoices: Sequence[Any], *, place: Place, now: datetime, on_read: Callable[[Any], None] | None = None
) -> HttpResponseBase:
    """Return the documents of invoices as a ZIP with its lists; one file is in memory at a time."""
    documents = read_bundle(invoice_ids=[invoice.pk for invoice in invoices], office=place.office, on_read=on_read)
    return zip_response(write_archive(documents, listing=listing_in(place.language)), made_at=now)


def zip_response(content: Iterable[bytes], *, made_at: datetime) -> StreamingHttpResponse:
    """Return an archive that is sent while it is read, named after the minute in which it was made."""
    response = StreamingHttpResponse(content, content_type="application/zip")
    name = f"invoices-{made_at.astimezone(BRUSSELS):%Y-%m-%d-%H%M}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def deliver_again_text(invoices: Sequence[Any], *, actor: str, now: datetime) -> str:
    """Deliver invoices again and say so."""
    count = deliver_again(invoice_ids=[invoice.pk for invoice in invoices], actor=actor, now=now)
    sentence = ngettext("%(number)s invoice is delivered again.", "%(number)s invoices are delivered again.", count)
    return sentence % {"number": in_digits(count)}
