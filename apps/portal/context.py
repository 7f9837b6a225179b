"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the operator's name and how to reach support."""
    del request
    return {
        "site_name": settings.SITE_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "is_embedded": settings.EMBEDDED,
        "has_mailbox": settings.EMBEDDED or settings.SANDBOX,
        "is_sandbox": settings.SANDBOX,
        "other_base_url": settings.OTHER_BASE_URL,
    }
