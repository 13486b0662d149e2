"""What photos refuse, and why."""

from tidings.kernel.errors import Fault, TidingsError


class PhotoNotFound(TidingsError):
    """There is no such photo."""

    code = "photo_not_found"
    status = 404


class PhotoRefused(TidingsError):
    """This cannot be a photo: one JPEG, PNG or WebP picture of at most 40 million pixels."""

    code = "photo_refused"
    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(reason, faults=[Fault("/file", self.code, reason)])
