"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Long work."""

    name = "apps.jobs"
    verbose_name = _("Jobs")
