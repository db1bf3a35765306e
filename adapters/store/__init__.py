"""The log and the read models on SQLite and PostgreSQL."""
