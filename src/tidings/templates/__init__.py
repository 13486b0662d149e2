"""Texts and how they are filled: catalogues for every language, and a sandboxed Jinja that sees plain values only."""
