"""All routes of the product, and one that only checks the login: what every other call is compared with."""

from typing import Any

from django.urls import path

from apps.api.v2.auth import LoginRequest, login
from apps.api.v2.urls import WireAPI
from config.urls import urlpatterns as product_urls

NOTHING = "/v2/bench-nothing/"

_api = WireAPI(version="bench", urls_namespace="bench", docs_url=None, openapi_url=None, title="Bench")


@_api.get("/bench-nothing", auth=login)
def do_nothing(request: LoginRequest) -> Any:
    """Answer a caller whose login is right."""
    del request
    return {"id": 0}


# First, because the product's own routes under /v2/ would answer 404.
urlpatterns = [path("v2/", _api.urls), *product_urls]
