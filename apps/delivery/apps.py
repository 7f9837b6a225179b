"""The app's name in the back-office, and its ear for the mail service."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """What goes to whom."""

    name = "apps.delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        """Listen to what Anymail hears; a signal is the only way it speaks."""
        from anymail.signals import tracking as mail_events  # noqa: PLC0415 # needs the settings

        from apps.delivery import tracking  # noqa: PLC0415 # needs the models

        mail_events.connect(tracking.note_delivery_event, dispatch_uid="delivery.note_delivery_event")
