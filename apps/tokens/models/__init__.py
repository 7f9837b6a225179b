"""Software, connection requests, tokens, connections, credentials and non-activation cases."""

from apps.tokens.models.access import AccessToken, AddressWarning, Connection, Credential
from apps.tokens.models.requests import CheckResult, ConnectionEnquiry, ConnectionRequest, NonActivationCase
from apps.tokens.models.software import Software, SoftwareKey, SoftwareUsage, Vendor

__all__ = [
    "AccessToken",
    "AddressWarning",
    "CheckResult",
    "Connection",
    "ConnectionEnquiry",
    "ConnectionRequest",
    "Credential",
    "NonActivationCase",
    "Software",
    "SoftwareKey",
    "SoftwareUsage",
    "Vendor",
]
