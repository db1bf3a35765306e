"""Questions: one function each, with typed arguments and typed rows."""
