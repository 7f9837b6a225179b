"""Tables of feeds, destinations and deliveries, and of how accounts are doing."""

from apps.delivery.models.destinations import Delivery, DeliveryAttempt, Destination, Mailing
from apps.delivery.models.feeds import Feed, FeedEntry, Redelivery
from apps.delivery.models.health import AccountHealth

__all__ = [
    "AccountHealth", "Delivery", "DeliveryAttempt", "Destination", "Feed", "FeedEntry", "Mailing", "Redelivery",
]  # fmt: skip
