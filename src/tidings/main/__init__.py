"""The composition root: the only package that knows every other and connects them."""

from tidings.main.tidings import Tidings, create_app

__all__ = ["Tidings", "create_app"]
