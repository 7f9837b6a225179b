"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompaniesConfig(AppConfig):
    """The enterprises that invoice."""

    name = "apps.companies"
    verbose_name = _("Companies")
