"""Tests of what one kind of database alone does; `pooled` is the fixture that every engine comes from."""

import pytest

on_postgresql = pytest.mark.parametrize("pooled", ["postgresql"], indirect=True)
