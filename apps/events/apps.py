"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """What happened, and what is still due."""

    name = "apps.events"
    verbose_name = _("Trail")
