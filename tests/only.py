"""Tests that one kind of database is enough for; `pooled` is the fixture that every engine comes from."""

import pytest

on_postgresql = pytest.mark.parametrize("pooled", ["postgresql"], indirect=True)
"""What only PostgreSQL does."""

how_it_looks = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)
"""How a page looks, whatever keeps what it shows."""
