"""Options, tables, output and errors that the commands share."""
