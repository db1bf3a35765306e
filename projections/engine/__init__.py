"""The fold behind every read model: bitemporal rows, revisions, comparison."""
