"""For those who write a software: the reference of the wire API and its error codes, served without an outside host."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.errors import NotFound
from apps.portal import api_reader
from apps.portal.guides import GUIDES, read_guide
from apps.portal.markdown import render_markdown

# What the guides send, for whoever follows them.
SAMPLES: Final = {
    "invoice.xml": "application/xml",
    "corrected.xml": "application/xml",
    "invoice.pdf": "application/pdf",
}


def developers(request: HttpRequest) -> HttpResponse:
    """Show where to begin."""
    return render(request, "portal/developers.html", {"guides": GUIDES})


def reference(request: HttpRequest) -> HttpResponse:
    """List the routes of the API."""
    document = api_reader.read_document()
    context = {
        "groups": api_reader.list_groups(),
        "about": render_markdown(document["info"]["description"]),
        "schemes": document["components"]["securitySchemes"],
    }
    return render(request, "portal/api_reference.html", context)


def operation(request: HttpRequest, name: str) -> HttpResponse:
    """Show a route: how it is called, what it answers, and examples."""
    shown = api_reader.get_operation(name)
    context = {"operation": shown, "text": render_markdown(shown.text), "groups": api_reader.list_groups()}
    return render(request, "portal/api_operation.html", context)


def webhooks(request: HttpRequest) -> HttpResponse:
    """List what a software can be told as it happens."""
    context = {
        "told": api_reader.list_messages(),
        "headers": api_reader.list_message_headers(),
        "shapes": api_reader.list_message_shapes(),
    }
    return render(request, "portal/api_webhooks.html", context)


def error_codes(request: HttpRequest) -> HttpResponse:
    """List every error code with its cause and remedy."""
    return render(request, "portal/error_codes.html", {"errors": api_reader.list_errors()})


def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a guide."""
    return render(request, "portal/guide.html", {"guide": read_guide(slug)})


def sample(request: HttpRequest, name: str) -> HttpResponse:
    """Hand out a document that the guides use."""
    del request
    if name not in SAMPLES:
        raise NotFound
    content = (settings.BASE_DIR / "docs" / "tour" / name).read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=SAMPLES[name], headers=headers)
