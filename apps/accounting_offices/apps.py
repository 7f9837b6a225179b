"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountingOfficesConfig(AppConfig):
    """The firms that keep their books."""

    name = "apps.accounting_offices"
    verbose_name = _("Accounting offices")
