"""Who may see what a person did, and how much of it."""
