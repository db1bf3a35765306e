"""The pages of the reading room, rendered on the server; they work without script."""
