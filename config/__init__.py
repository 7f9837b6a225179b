"""Settings and wiring. The Celery application is loaded with the project, so that tasks find it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
