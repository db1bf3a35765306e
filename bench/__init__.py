"""Measurements: alternating pairs against a floor, in a table and as JSON."""
