"""Tidings: accounts, connected services and notifications that reach each person once."""

__version__ = "0.1.0"
