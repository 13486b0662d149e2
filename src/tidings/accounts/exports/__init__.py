"""A copy of everything that is kept of a person, made in the background, and taken in again elsewhere."""
