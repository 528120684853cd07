"""Storage: small functions in and domain values out, one writer, migrations (DESIGN section 8)."""

from uptimed.storage.errors import StorageAway, StorageError, StorageRefused

__all__ = ["StorageAway", "StorageError", "StorageRefused"]
