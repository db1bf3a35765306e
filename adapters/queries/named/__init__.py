"""Things by their names: places, countries and bodies, in any case and spelling."""
