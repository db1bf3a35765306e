"""Connections to SQLite and PostgreSQL, and the errors of their drivers."""
