"""The relay, its envelope and the inbox, on any kombu transport."""
