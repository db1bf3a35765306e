"""Missions, outbound and inbound, from proposal to their closing documents."""
