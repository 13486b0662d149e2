"""Migrations, inside the package so that `tidings migrate` works after `pip install`."""
