"""Storing bytes, and looking after what is stored."""

from apps.blobs.services.storing import store_bytes, store_file

__all__ = ["store_bytes", "store_file"]
