"""Tables of feeds, destinations and deliveries."""

from apps.delivery.models.destinations import Delivery, DeliveryAttempt, Destination, Mailing
from apps.delivery.models.feeds import Feed, FeedEntry, Redelivery

__all__ = ["Delivery", "DeliveryAttempt", "Destination", "Feed", "FeedEntry", "Mailing", "Redelivery"]
