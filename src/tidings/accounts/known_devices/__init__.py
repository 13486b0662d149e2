"""Devices on which somebody signed in before: they have a failure counter of their own, and cause no notice."""
