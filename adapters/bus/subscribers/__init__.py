"""Consuming, inboxes, dead letters and reconciliation of subscribers."""
