"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvoicesConfig(AppConfig):
    """What companies send."""

    name = "apps.invoices"
    verbose_name = _("Sales invoices")
