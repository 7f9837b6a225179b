"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    """Who signs in."""

    name = "apps.users"
    verbose_name = _("People")
