"""Where the document is served: to anybody, since it tells nothing of anybody."""

from django.http import HttpRequest, HttpResponse

from apps.api.v2.openapi.document import render_document


def serve_document(request: HttpRequest) -> HttpResponse:
    """Hand out the OpenAPI document of this API."""
    del request
    headers = {"Cache-Control": "public, max-age=300"}
    return HttpResponse(render_document(), content_type="application/json", headers=headers)
