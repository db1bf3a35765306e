"""Faults injected on purpose: races, kills, stalls."""
