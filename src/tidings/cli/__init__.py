"""The command line: `tidings --help`."""

import gc


def main() -> None:
    """Run it. What loading makes stays for good: it is not searched for garbage, then or later."""
    gc.disable()
    from tidings.cli.app import main as run  # noqa: PLC0415 - loaded here, not before

    gc.freeze()
    gc.enable()
    run()
