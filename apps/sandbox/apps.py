"""The app's place in Django."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """What makes things happen in the sandbox, and tells how a software did there."""

    name = "apps.sandbox"
