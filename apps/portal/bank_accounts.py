"""The pages of bank accounts: how each is doing, for its company and for the office that keeps the books."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from apps.accounting_offices import selectors as offices
from apps.companies.selectors import get_account, list_accounts
from apps.core import clock
from apps.core.clock import brussels_day
from apps.delivery.account_lists import get_client_account
from apps.delivery.health_sentences import Reader
from apps.portal.bank_account_list import declare_company, declare_office
from apps.portal.bank_account_page import page_of_account
from apps.portal.lists.answers import answer
from apps.users.selectors import viewer_of


@login_required
def company_accounts(request: HttpRequest, company_uuid: UUID) -> HttpResponseBase:
    """List a company's bank accounts with how each is doing."""
    now = clock.now()
    company = offices.get_member_company(viewer=viewer_of(request), company_uuid=company_uuid)
    declaration = declare_company(company, list_accounts(company=company), now=now)
    return answer(request, declaration, template="portal/company_accounts.html", context={"company": company}, now=now)


@login_required
def company_account(request: HttpRequest, company_uuid: UUID, account_uuid: UUID) -> HttpResponse:
    """Show a company how one of its accounts is doing."""
    company = offices.get_member_company(viewer=viewer_of(request), company_uuid=company_uuid)
    account = get_account(company=company, account_uuid=account_uuid)
    after = request.GET.get("before", "")
    shown = page_of_account(account, reader=Reader.COMPANY, now=clock.now(), after=after)
    return render(request, "portal/company_account.html", {"company": company, "shown": shown})


@login_required
def office_accounts(request: HttpRequest, office_uuid: UUID) -> HttpResponseBase:
    """List the bank accounts of an office's clients, those that need somebody first."""
    now = clock.now()
    office = offices.get_visible_office(viewer=viewer_of(request), office_uuid=office_uuid)
    declaration = declare_office(office, today=brussels_day(now))
    return answer(request, declaration, template="portal/office_accounts.html", context={"office": office}, now=now)


@login_required
def office_account(request: HttpRequest, office_uuid: UUID, account_uuid: UUID) -> HttpResponse:
    """Show an office how an account of a client is doing, by the statements of its own days."""
    now = clock.now()
    client = get_client_account(
        viewer=viewer_of(request), office_uuid=office_uuid, account_uuid=account_uuid, on=brussels_day(now)
    )
    after = request.GET.get("before", "")
    shown = page_of_account(client.account, reader=Reader.OFFICE, now=now, after=after, client=client)
    context = {"office": client.office, "shown": shown, "client": client.account.company}
    return render(request, "portal/office_account.html", context)
