"""The built pages, served from the package."""
