"""Commands that explain and compare: why, compare, log, replay."""
