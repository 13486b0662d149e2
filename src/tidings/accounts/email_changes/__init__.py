"""Changing one's address: asked for, confirmed by whoever reads the new one, and undone by whoever reads the old."""
