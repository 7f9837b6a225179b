"""What a company's member does with an open connection request: ask for a new code, or withdraw it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.errors import DomainError, IllegalTransition, NotFound
from apps.portal.private import when_again
from apps.tokens.limits import Throttled
from apps.tokens.refusals import REFUSALS
from apps.tokens.services import again
from apps.users.selectors import viewer_of


@login_required
def send_code(request: HttpRequest, company_uuid: UUID, request_uuid: UUID) -> HttpResponse:
    """Check an open request again and send a new code, when all checks pass."""
    viewer, now = viewer_of(request), clock.now()
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    if request.method != "POST":
        return redirect("portal:company", company_uuid)
    try:
        outcome = again.ask_for_new_code(
            company=company, request_uuid=request_uuid, actor=f"user:{viewer.uuid}", now=now
        )
    except Throttled as error:
        messages.error(request, when_again(error, now))
    except NotFound:
        _say_over(request)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if outcome.token is None:
            title = REFUSALS[outcome.refusal_code].title
            messages.warning(request, _("No code could be sent yet. %(reason)s.") % {"reason": title})
        else:
            messages.success(request, _("A new code is on its way to the e-mail address on file. Use only that one."))
        return redirect("portal:company-request", company_uuid, request_uuid)
    return redirect("portal:company-connections", company_uuid)


@login_required
def withdraw_request(request: HttpRequest, company_uuid: UUID, request_uuid: UUID) -> HttpResponse:
    """Withdraw an open request; its code stops working."""
    viewer = viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    if request.method != "POST":
        return redirect("portal:company", company_uuid)
    try:
        again.withdraw_as_member(
            company=company, request_uuid=request_uuid, actor=f"user:{viewer.uuid}", now=clock.now()
        )
    except (NotFound, IllegalTransition):
        _say_over(request)
    else:
        messages.success(request, _("The request is withdrawn. Its code no longer works."))
    return redirect("portal:company-connections", company_uuid)


def _say_over(request: HttpRequest) -> None:
    messages.warning(request, _("This request is over already. This page shows how things stand now."))
