"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatementsConfig(AppConfig):
    """What banks send."""

    name = "apps.statements"
    verbose_name = _("Bank statements")
