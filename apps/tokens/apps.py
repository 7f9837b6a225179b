"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TokensConfig(AppConfig):
    """Software, requests, tokens and connections."""

    name = "apps.tokens"
    verbose_name = _("Connections")
