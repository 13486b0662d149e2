"""Load generators: programs of their own, cheap enough not to be what is measured, bounded in time and count."""
