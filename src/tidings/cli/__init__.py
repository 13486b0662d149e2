"""The command line: `tidings --help`."""

from tidings.cli.app import main

__all__ = ["main"]
