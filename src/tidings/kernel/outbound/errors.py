"""How an outbound request ends without an answer: a closed set, for the package that asked to put into its words."""

from tidings.kernel.outbound.types import Failure, Refusal


class OutboundRefused(Exception):
    """The request was not made: this address is not allowed."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"not allowed: {reason}")
        self.reason = reason


class OutboundFailed(Exception):
    """The request got no answer that could be used."""

    def __init__(self, reason: Failure) -> None:
        super().__init__(f"no answer: {reason}")
        self.reason = reason
