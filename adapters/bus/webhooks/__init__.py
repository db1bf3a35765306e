"""Signed deliveries of events to addresses."""
