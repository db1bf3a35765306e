"""People: who is signed in and may do what; drafts that wait for a second person; refusals."""
