"""The published corpus of forged bundles: made here, and refused by every verifier for its reason.

`python -m tests.evidence_corpus` writes `docs/evidence/`.
"""
