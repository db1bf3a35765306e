"""What councils do with partnerships over the years, each sentence as a minutes file."""
