"""Witnesses and monitors: whoever else sees the heads that are signed."""
