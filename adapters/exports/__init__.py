"""Exports in formats of others."""
