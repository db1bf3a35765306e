"""Why a fact is so: the account of the events that led to it."""
