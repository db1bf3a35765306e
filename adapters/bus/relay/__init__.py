"""The follower that publishes the log, and the ledger of what it published."""
