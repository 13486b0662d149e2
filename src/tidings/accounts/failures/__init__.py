"""Failed sign-ins: one counter for an account, whatever name and whatever proof was tried, and how long to wait."""
