"""The todo backend."""
