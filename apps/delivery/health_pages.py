"""The back-office's page of the banks: which of them is late today."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core import clock
from apps.delivery.account_facts import banks_today
from apps.delivery.models import AccountHealth


def banks_page(request: HttpRequest) -> HttpResponse:
    """Show every bank with what is expected, here and late today, those that are late for everyone first."""
    banks = banks_today(now=clock.now())
    context = {
        **admin.site.each_context(request),
        "banks": banks,
        "late": [each for each in banks if each.fact.is_late],
        "opts": AccountHealth._meta,
    }
    return render(request, "admin/delivery/banks_today.html", context)
