"""What is refused when a password is to be reset."""

from tidings.kernel.errors import TidingsError


class NoMailbox(TidingsError):
    """This account has no address that a letter could go to."""

    code = "no_mailbox"
    status = 409
