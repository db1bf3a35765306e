"""The log: recorders on SQLite and PostgreSQL, mapper, upcasters, personal values."""
