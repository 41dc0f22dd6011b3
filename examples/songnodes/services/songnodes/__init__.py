"""The SongNodes backend: one module per service."""
