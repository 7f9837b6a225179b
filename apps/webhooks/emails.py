"""The mail about an endpoint that keeps failing."""

from uuid import uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from apps.core.clock import BRUSSELS
from apps.core.letters import Letter, compose
from apps.webhooks.models import Endpoint
from apps.webhooks.rules import GONE
from apps.webhooks.sentences import failure_remedy, failure_sentence


def endpoint_stopped(endpoint: Endpoint) -> EmailMultiAlternatives:
    """Return the mail that tells the maker of a software that we paused an endpoint of it."""
    language = endpoint.software.vendor.language
    with translation.override(language):
        reason, remedy = failure_sentence(endpoint.stop_code), failure_remedy(endpoint.stop_code)
    since = endpoint.failing_since or endpoint.state_at
    return compose(
        Letter(
            name="endpoint-stopped",
            to=endpoint.software.vendor.email,
            language=language,
            uuid=uuid5(endpoint.uuid, endpoint.state_at.isoformat()),
            written_at=endpoint.state_at,
            context={
                "software_name": endpoint.software.name,
                "url": endpoint.url,
                "since": since.astimezone(BRUSSELS),
                "reason": reason,
                "remedy": remedy,
                "answer": endpoint.failure_answer[:500],
                "is_gone": endpoint.stop_code == GONE,
                "log_days": settings.WEBHOOK_LOG_DAYS,
                "endpoint_url": endpoint_url(endpoint),
            },
        )
    )


def endpoint_url(endpoint: Endpoint) -> str:
    """Return the page on which people of the maker see an endpoint and its log."""
    return f"{settings.BASE_URL}/vendors/{endpoint.software.vendor.uuid}/webhooks/{endpoint.uuid}/"
