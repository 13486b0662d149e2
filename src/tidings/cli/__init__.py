"""The command line: `tidings --help`."""

import gc
import sys

from tidings import __version__


def main() -> None:
    """Run it. What loading makes stays for good: it is not searched for garbage, then or later."""
    if sys.argv[1:] == ["--version"]:  # asked by scripts, again and again: nothing is loaded for it
        sys.stdout.write(f"{__version__}\n")
        return
    gc.disable()
    from tidings.cli.app import main as run  # noqa: PLC0415 - loaded here, not before

    gc.freeze()
    gc.enable()
    run()
