"""Commands that set up, check, back up and rebuild a register."""
