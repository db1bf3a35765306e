"""Values, dates, refusals and findings that every context uses."""
