"""One portable backup file of a log, and its restore."""
