"""What deploy/ has: that it says what the program knows, and that its commands run."""
