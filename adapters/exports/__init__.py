"""What leaves the register as a file in somebody else's format."""
