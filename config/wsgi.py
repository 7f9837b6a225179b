"""The WSGI entry point of the web processes."""

import os
import signal

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if os.environ.get("EMBEDDED") == "1":
    from deploy.embedded.lifeline import die_with_parent

    die_with_parent(signal.SIGTERM)

application = get_wsgi_application()
