"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReconciliationConfig(AppConfig):
    """Which money pays which invoice."""

    name = "apps.reconciliation"
    verbose_name = _("Reconciliation")
