"""Calls that only the sandbox has: tomorrow's bank file, the office's answer, documents to send, the self-test."""

from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from ninja import Router, Status

from apps.api.v2 import errors
from apps.api.v2.auth import LoginRequest, SoftwareRequest, login, software_key
from apps.api.v2.tokens import read_json_object
from apps.api.v2.urls import make_api
from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.sandbox.reports import write_report
from apps.sandbox.rules import STEPS, BankFileKind, DocumentKind, OfficeAct
from apps.sandbox.selectors import get_report, list_reports
from apps.sandbox.sentences import TO_DO
from apps.sandbox.services import happenings, self_tests

K = TypeVar("K", bound=StrEnum)

with_login = Router(auth=login)
with_key = Router(auth=software_key)


class KindUnknown(DomainError):
    """What was asked for is not on the list, which the sentence gives."""

    code = "kind_unknown"
    sentence = _("There is no such kind. Choose from: %(kinds)s.")


@with_login.post("/bank-file", response={201: dict[str, str]})
def send_bank_file(request: LoginRequest) -> Any:
    """Let the bank's file of the next day arrive: `{"kind", "invoice"}`, both optional."""
    company, software = _caller(request)
    asked = read_json_object(request)
    kind = _read_kind(BankFileKind, asked.get("kind", BankFileKind.PAID))
    received = happenings.send_bank_file(
        company=company, software=software, kind=kind, invoice_uuid=_read_invoice(asked), now=clock.now()
    )
    return Status(201, {"id": str(received.uuid), "kind": kind})


@with_login.post("/office", response={204: None})
def act_as_office(request: LoginRequest) -> Any:
    """Let the accounting office do something: `{"act", "invoice", "text"}`."""
    company, software = _caller(request)
    asked = read_json_object(request)
    text = asked.get("text")
    happenings.act_as_office(
        company=company,
        software=software,
        act=_read_kind(OfficeAct, asked.get("act")),
        invoice_uuid=_read_invoice(asked),
        text=text if isinstance(text, str) else str(_("Which order is this invoice for?")),
        now=clock.now(),
    )
    return Status(204, None)


@with_login.get("/documents/{kind}")
def read_document(request: LoginRequest, kind: str) -> HttpResponse:
    """Read a UBL document of the caller's company to send; `?number=`, and `?about=` for what a credit note credits."""
    company, _software = _caller(request)
    content = happenings.write_document(
        company=company,
        kind=_read_kind(DocumentKind, kind),
        number=request.GET.get("number", "")[:30],
        about=request.GET.get("about", "")[:30],
        now=clock.now(),
    )
    return HttpResponse(content, content_type="application/xml")


@with_key.get("/self-test")
def read_self_test(request: SoftwareRequest) -> Any:
    """Read what the software has shown so far, what to do next, and the reports that were made."""
    verdict = self_tests.judge_now(software=request.auth)
    with translation.override(errors.language_of(request)):
        return {
            "is_compatible": verdict.is_compatible,
            "works_for": list(verdict.groups),
            "steps": [
                {"name": step, "group": group, "done": step in verdict.done, "to_do": str(TO_DO[step])}
                for step, group in STEPS.items()
            ],
            "reports": [_report_out(report) for report in list_reports(software=request.auth)],
        }


@with_key.post("/self-test", response={201: dict[str, Any]})
def report_self_test(request: SoftwareRequest) -> Any:
    """Write down what the software has shown, with the day."""
    return Status(201, _report_out(self_tests.report_self_test(software=request.auth, now=clock.now())))


@with_key.get("/self-test/{uuid:report_id}")
def read_report(request: SoftwareRequest, report_id: UUID) -> HttpResponse:
    """Read a report as the signed file that the service takes."""
    report = get_report(software=request.auth, report_uuid=report_id)
    return HttpResponse(write_report(report), content_type="application/json")


def _report_out(report: Any) -> dict[str, Any]:
    return {
        "id": str(report.uuid),
        "made_at": clock.write_instant(report.made_at),
        "is_compatible": report.is_compatible,
        "missing": report.missing,
    }


def _caller(request: LoginRequest) -> tuple[Any, Any]:
    caller = request.auth
    if caller.company is None or caller.software is None:
        raise NotFound
    return caller.company, caller.software


def _read_kind(kinds: type[K], text: object) -> K:
    try:
        return kinds(str(text))
    except ValueError as error:
        raise KindUnknown(kinds=", ".join(kinds)) from error


def _read_invoice(asked: dict[str, Any]) -> UUID | None:
    text = asked.get("invoice")
    if text is None:
        return None
    try:
        return UUID(str(text))
    except ValueError as error:
        raise NotFound from error


def _refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    if error.code in errors.STATUSES:
        return errors.refusal_response(request, error)
    with translation.override(errors.language_of(request)):
        status = 400 if isinstance(error, KindUnknown) else 409
        return errors.finish(JsonResponse({"detail": str(error), "code": error.code}, status=status))


api = make_api(version="2-sandbox", namespace="v2-sandbox", title="Sandbox", refuse=_refuse)
api.add_router("", with_login)
api.add_router("", with_key)

urls: Any = api.urls
