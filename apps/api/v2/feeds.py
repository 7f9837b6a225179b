"""Calls 3 to 9: list the feeds, read, download and mark them, and the same for redeliveries."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from ninja import Router
from ninja.decorators import decorate_view

from apps.api.v2.auth import LoginRequest, counted, login
from apps.api.v2.schemas import FeedMarkedOut, FeedOut, PodOut
from apps.api.v2.tokens import read_json_object
from apps.core import clock
from apps.core.errors import NotFound
from apps.core.money import format_amount
from apps.delivery import papers, selectors, services
from apps.delivery.rules import Channel, DocumentModel, formats_of

router = Router(auth=login)


@router.get("/pod-client", response=PodOut)
@decorate_view(counted("poll"))
def list_feeds(request: LoginRequest) -> Any:
    """List the caller's feeds."""
    caller = request.auth
    services.open_missing_feeds(caller=caller, now=clock.now())
    feeds = selectors.list_feeds(caller=caller, on=clock.today())
    models = list(DocumentModel) if caller.office is not None else [DocumentModel.CODA]
    pod = caller.office or caller.connection
    return {
        "id": pod.pk if pod else 0,
        "fetch_delay": settings.FETCH_DELAY_SECONDS,
        "allowed_formats": {model.value: list(formats_of(model, caller.bank_access)) for model in models},
        "feed_clients": [
            {
                "id": client.feed.pk,
                "client_id": str(client.client_uuid),
                "client_name": client.client_name,
                "client_code": str(client.link_uuid),
                "fiduciary_id": str(client.office_uuid),
                "target_root_state": "default",
                "delivery_config": None,
            }
            for client in feeds
        ],
    }


@router.get("/feed/{int:feed_id}", response=FeedOut)
@decorate_view(counted("poll"))
def read_feed(request: LoginRequest, feed_id: int) -> Any:
    """Read what is not marked yet, oldest first."""
    feed = selectors.get_feed(caller=request.auth, feed_id=feed_id)
    entries = [entry_out(entry) for entry in selectors.list_entries(feed=feed)]
    return {"id": feed_id, "type": "download", "feed_entries": entries}


@router.put("/feed/{int:feed_id}", response=FeedMarkedOut)
@decorate_view(counted("mark"))
def mark_feed(request: LoginRequest, feed_id: int) -> Any:
    """Mark a feed up to an entry; a cursor never moves back."""
    feed = selectors.get_feed(caller=request.auth, feed_id=feed_id)
    offset = services.mark_feed(
        feed_id=feed.pk, offset=_read_offset(request), actor=request.auth.actor, now=clock.now()
    )
    return {"id": feed_id, "feed_offset": str(offset)}


@router.get("/redownload-feed/{int:feed_id}", response=FeedOut)
@decorate_view(counted("poll"))
def read_redeliveries(request: LoginRequest, feed_id: int) -> Any:
    """Read what somebody asked to have delivered again."""
    feed = selectors.get_feed(caller=request.auth, feed_id=feed_id)
    entries = [entry_out(entry) for entry in selectors.list_redeliveries(feed=feed, now=clock.now())]
    return {"id": feed_id, "type": "redownload", "feed_entries": entries}


@router.put("/redownload-feed/{int:feed_id}", response=FeedMarkedOut)
@decorate_view(counted("mark"))
def mark_redeliveries(request: LoginRequest, feed_id: int) -> Any:
    """Mark redeliveries up to an entry; the ordinary cursor does not move."""
    feed = selectors.get_feed(caller=request.auth, feed_id=feed_id)
    offset = services.mark_redeliveries(feed_id=feed.pk, offset=_read_offset(request), now=clock.now())
    return {"id": feed_id, "feed_offset": str(offset)}


@router.get("/download/{feed_index}/{file_format}")
@decorate_view(counted("download"))
def download(request: LoginRequest, feed_index: str, file_format: str) -> HttpResponse:
    """Download a document in a format; downloading marks nothing."""
    return _download(request, feed_index, file_format)


@router.get("/redownload/{feed_index}/{file_format}")
@decorate_view(counted("download"))
def redownload(request: LoginRequest, feed_index: str, file_format: str) -> HttpResponse:
    """Download a document again; the same as `download`."""
    return _download(request, feed_index, file_format)


def _download(request: LoginRequest, feed_index: str, file_format: str) -> HttpResponse:
    now = clock.now()
    entry = selectors.get_entry(caller=request.auth, entry_uuid=_parse_index(feed_index), file_format=file_format)
    paper = papers.read_paper(entry=entry, file_format=file_format, now=now)
    if request.auth.office is not None and entry.invoice_id is not None:
        services.fetch_invoice(invoice_id=entry.invoice_id, channel=Channel.FEED, actor=request.auth.actor, now=now)
    return HttpResponse(
        paper.content,
        content_type=paper.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{paper.file_name}"',
            "ETag": f'"{entry.uuid}-{file_format}"',
        },
    )


def entry_out(entry: Any) -> dict[str, Any]:
    """Return a feed entry as the wire shows it."""
    model = selectors.document_model(entry)
    metadata = _coda_metadata(entry.statement) if model is DocumentModel.CODA else _invoice_metadata(entry.invoice)
    return {"feed_index": str(entry.uuid), "document_model": model.value, "metadata": metadata}


def _coda_metadata(statement: Any) -> dict[str, Any]:
    return {
        "movement_count": statement.movement_count,
        "first_statement_number": statement.number,
        "last_statement_number": statement.number,
        "new_balance_date": statement.new_balance_on,
        "iban": statement.iban,
        "bank_id": statement.bic,
        "currency": statement.currency,
        "extension_zone": None,
    }


def _invoice_metadata(invoice: Any) -> dict[str, Any]:
    return {
        "invoice_number": invoice.number,
        "document_type": invoice.document_type,
        "issue_date": invoice.issue_date,
        "due_date": invoice.due_date,
        "currency": invoice.currency,
        "total_amount": format_amount(invoice.total_amount),
        "supplier_vat": f"BE{invoice.company.enterprise_number}",
        "customer_name": invoice.customer_name,
        "structured_communication": invoice.structured_communication or None,
    }


def _parse_index(feed_index: str) -> UUID:
    try:
        return UUID(feed_index)
    except ValueError as error:
        raise NotFound from error


def _read_offset(request: LoginRequest) -> str:
    offset = read_json_object(request).get("feed_offset")
    if not isinstance(offset, str):
        raise services.FeedOffsetMissing
    return offset
