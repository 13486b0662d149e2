"""What a picture may be, and what we make of it."""

from dataclasses import dataclass
from enum import StrEnum

MAX_UPLOAD_BYTES = 10 * (1 << 20)
MAX_BYTES = 200_000
"""Of what we keep and serve."""
SIDE = 512
"""The longer side of what we serve of a person."""
LOGIN_SIDE = 1600
"""The longer side of the picture of the sign-in page, which fills half a screen."""
MEDIA_TYPE = "image/webp"


class PictureFormat(StrEnum):
    """The formats we read, told by the content alone."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture of ours: WebP without metadata, upright, and no larger than what it is for."""

    content: bytes
    width: int
    height: int
