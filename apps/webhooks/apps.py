"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """What is told to software as it happens."""

    name = "apps.webhooks"
    verbose_name = _("Webhooks")
