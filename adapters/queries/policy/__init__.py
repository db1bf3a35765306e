"""The policy: its provisions, its states, what differs between two of them, and the document."""
