"""Orchestration: what a command goes through from reading to the guarded append."""
