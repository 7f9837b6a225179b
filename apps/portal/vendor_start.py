"""What a maker needs for its first call, and the way to the other place: from the sandbox to the service, or back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from apps.tokens import vendors

KEYS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Start:
    """Where the API is, the newest key of each software, and the other place's form with what is known filled in."""

    api: str
    keys: Sequence[Any]
    other_url: str


def start_of(vendor: Any) -> Start | None:
    """Return what the page of a maker says of the first call; nothing while no software of it has a key."""
    keys = list(vendors.list_newest_keys(vendor=vendor)[:KEYS_SHOWN])
    if not keys:
        return None
    software = keys[0].software
    known = {
        "vendor_name": vendor.name,
        "software_name": software.name,
        "website": software.website,
        "sector": software.sector,
        "description": software.description,
    }
    form = f"{settings.OTHER_BASE_URL}{reverse('portal:vendor-register')}?{urlencode(known)}"
    return Start(f"{settings.BASE_URL}/v2", keys, form if settings.OTHER_BASE_URL else "")
