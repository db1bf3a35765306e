"""What councils do at every meeting, each sentence as a minutes file whose answers are by hand."""
