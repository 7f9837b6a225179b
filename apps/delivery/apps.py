"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """What goes to whom."""

    name = "apps.delivery"
    verbose_name = _("Delivery")
