"""Software and its makers, applications, requests, tokens, connections, credentials, cases and kept answers."""

from apps.tokens.models.access import AccessToken, AddressWarning, Connection, Credential
from apps.tokens.models.answers import KeptAnswer
from apps.tokens.models.applications import VendorApplication
from apps.tokens.models.requests import CheckResult, ConnectionEnquiry, ConnectionRequest, NonActivationCase
from apps.tokens.models.software import Software, SoftwareKey, SoftwareUsage, Vendor, VendorMember

__all__ = [
    "AccessToken",
    "AddressWarning",
    "CheckResult",
    "Connection",
    "ConnectionEnquiry",
    "ConnectionRequest",
    "Credential",
    "KeptAnswer",
    "NonActivationCase",
    "Software",
    "SoftwareKey",
    "SoftwareUsage",
    "Vendor",
    "VendorApplication",
    "VendorMember",
]
