"""The continuation of evidence: new keys for a tree, and a new tree after a restore."""
