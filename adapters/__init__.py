"""Translations between the register and the world."""
