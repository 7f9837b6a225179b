"""The app's name in the back-office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BlobsConfig(AppConfig):
    """Immutable bytes."""

    name = "apps.blobs"
    verbose_name = _("Stored papers")
