"""Read models as bitemporal tables: written by followers, read by queries."""
