"""Commands that record minutes and corrections."""
