"""Bodies and their authority, persons, and terms of the council."""
