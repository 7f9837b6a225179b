"""Tables of feeds, destinations, deliveries and archives, and of how accounts are doing."""

from apps.delivery.models.bundles import Bundle, BundlePart
from apps.delivery.models.destinations import Delivery, DeliveryAttempt, Destination, Mailing
from apps.delivery.models.feeds import Feed, FeedEntry, Redelivery
from apps.delivery.models.health import AccountHealth

__all__ = [
    "AccountHealth", "Bundle", "BundlePart", "Delivery", "DeliveryAttempt", "Destination", "Feed", "FeedEntry",
    "Mailing", "Redelivery",
]  # fmt: skip
