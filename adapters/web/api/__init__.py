"""The register as JSON, CSV and sheets, under `/api/v1`: every question, with its rows.

The paths are those of the pages, and `as_of` and `known_at` mean what they mean there.
"""
