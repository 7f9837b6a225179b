"""The published schema of CODAPlus: its address is in documents of others, and stays."""

from django.http import HttpRequest, HttpResponse

from apps.statements.coda.codaplus import SCHEMA


def codaplus_schema(request: HttpRequest) -> HttpResponse:
    """Hand out the XML schema of CODAPlus, to anybody."""
    del request
    headers = {"Cache-Control": "public, max-age=86400"}
    return HttpResponse(SCHEMA.read_bytes(), content_type="application/xml; charset=utf-8", headers=headers)
