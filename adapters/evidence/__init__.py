"""Evidence: a Merkle tree over the log, signed heads, proofs, witnesses, bundles."""
