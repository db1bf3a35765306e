"""Commands that seal the log and prove what it holds: seal, evidence, witness."""
