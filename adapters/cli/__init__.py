"""The command line, `alliance`."""
