"""What an administrator decides for the whole server while it runs."""
