"""Commands that answer from the read models."""
