"""Texts and how they are filled: a sandboxed Jinja, never given anything but plain values."""
