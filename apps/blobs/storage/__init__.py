"""Where the bytes lie: a folder of the file system, or a bucket of any S3-compatible service."""

from apps.blobs.storage.choice import get_storage
from apps.blobs.storage.contract import BytesMissing, Storage, StorageUnavailable, Stored

__all__ = ["BytesMissing", "Storage", "StorageUnavailable", "Stored", "get_storage"]
