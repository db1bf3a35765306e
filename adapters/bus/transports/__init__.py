"""Connections, exchanges and queues, and publishing with confirms."""
