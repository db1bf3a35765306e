"""Handlers of commands: read states, decide, write events."""
