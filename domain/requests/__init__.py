"""Requests from outside for a relationship, from receipt to a signed agreement."""
