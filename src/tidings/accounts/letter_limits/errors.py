"""What is refused when a mailbox has been written to often enough."""

from tidings.kernel.errors import TidingsError


class TooManyLetters(TidingsError):
    """This mailbox was sent as many letters of this kind as it may be in a day."""

    code = "too_many_letters"
    status = 429

    def __init__(self, seconds: int) -> None:
        """`seconds` until the next one may be sent."""
        super().__init__(headers={"Retry-After": str(seconds)})
