"""What was done to accounts and settings, and by whom: written once, never changed."""
