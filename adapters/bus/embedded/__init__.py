"""A kombu transport on one SQLite file, for a register without a broker."""
