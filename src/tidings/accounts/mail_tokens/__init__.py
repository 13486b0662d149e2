"""Tokens that travel in letters: each for one purpose and one address, used once."""
