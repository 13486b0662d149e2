"""OpenID Connect providers that people may sign in with, and how they are spoken to."""
