"""The wire API, version 2: its routes without a trailing slash, which the middleware makes optional."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

from apps.api.v2 import clients, connection, errors, feeds, invoices, office, payments, tokens
from apps.core.errors import DomainError


class WireAPI(NinjaAPI):
    """A ninja API whose JSON answers are `application/json` and nothing more: real clients compare the whole type."""

    def get_content_type(self) -> str:
        """Return the media type without a charset."""
        return "application/json"

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the route's view: the published document and its table of routes go by it."""
        return operation.view_func.__name__


def make_api(
    *, version: str, namespace: str, title: str, refuse: Callable[[HttpRequest, Any], HttpResponse]
) -> WireAPI:
    """Return an API without routes that answers every error as JSON; `refuse` answers the anticipated refusals."""
    api = WireAPI(version=version, urls_namespace=namespace, docs_url=None, openapi_url=None, title=title)
    api.exception_handler(DomainError)(refuse)
    api.exception_handler(ValidationError)(_not_found)
    api.exception_handler(HttpError)(_http_error)
    return api


def _not_found(request: HttpRequest, error: ValidationError) -> HttpResponse:
    # Only path parameters are validated by the framework: a malformed id names nothing.
    del error
    return errors.plain_error(request, 404)


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return errors.plain_error(request, error.status_code)


wire = make_api(version="2", namespace="v2", title="Wire API", refuse=errors.refusal_response)
wire.add_router("", tokens.router)
wire.add_router("", clients.router)
wire.add_router("/connection", connection.router)
wire.add_router("/delivery", feeds.router)
wire.add_router("/sales-invoices", invoices.router)
wire.add_router("/sales-invoices", payments.of_invoices)
wire.add_router("/movements", payments.router)
wire.add_router("/office", office.router)

urls: Any = wire.urls
