"""Turning an uploaded picture into ours: decoded, set upright, made small, and encoded anew from its pixels alone.

Nothing of the input's bytes is kept: no EXIF, no XMP, no place, no colour profile, no thumbnail, nothing that stood
behind the end. The decoders take 6 MiB: only `rendering` imports this, in its thread, when the first picture comes.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Protocol

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from tidings.accounts.photos.errors import PhotoRefused
from tidings.accounts.photos.headers import Header
from tidings.accounts.photos.types import MAX_BYTES, PictureFormat, Rendered

_QUALITIES = (82, 65, 45, 25, 10)
_ORIENTATION = 0x0112
_UPRIGHT: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class _Opener(Protocol):
    def __call__(self, fp: BytesIO, /) -> ImageFile: ...


# Each decoder by itself: what the header was checked as is what is decoded.
_OPENERS: Mapping[PictureFormat, _Opener] = {
    PictureFormat.JPEG: JpegImageFile,
    PictureFormat.PNG: PngImageFile,
    PictureFormat.WEBP: WebPImageFile,
}


def redraw(content: bytes, header: Header, *, side: int) -> Rendered:
    """Our picture of this one, which is what its header says, with no side longer. Raises PhotoRefused."""
    try:
        picture = _decoded(content, header, side)
    except PhotoRefused:
        raise
    except Exception as error:  # a decoder over foreign bytes raises whatever it trips over
        raise PhotoRefused("The picture is damaged.") from error
    return Rendered(_encoded(picture), picture.width, picture.height)


def _decoded(content: bytes, header: Header, side: int) -> Image.Image:
    """The bare pixels, upright and small. It is made small first, so that nothing else is done at full size."""
    with _OPENERS[header.format](BytesIO(content)) as picture:
        if picture.size != (header.width, header.height):
            raise PhotoRefused("The picture is not as large as it says.")
        turn = _UPRIGHT.get(picture.getexif().get(_ORIENTATION, 1))
        small = _in_colours(picture)
        small.thumbnail((side, side))
        pixels = _bare(small)
    return pixels if turn is None else pixels.transpose(turn)


def _in_colours(picture: Image.Image) -> Image.Image:
    """The picture with colours that can be mixed, rather than with numbers of a palette."""
    if picture.mode != "P":
        return picture
    return picture.convert("RGBA" if "transparency" in picture.info else "RGB")


def _bare(picture: Image.Image) -> Image.Image:
    """The pixels and nothing else, on white where they let something through."""
    if picture.mode.startswith("I"):  # grey in 16 bits, which `convert` would cut off
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.mode in {"LA", "RGBA"} or "transparency" in picture.info:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    bare = Image.new("RGB", picture.size)
    bare.paste(picture.convert("RGB"))
    return bare


def _encoded(picture: Image.Image) -> bytes:
    for quality in _QUALITIES:
        file = BytesIO()
        picture.save(file, "WEBP", quality=quality)
        if file.tell() <= MAX_BYTES:
            return file.getvalue()
    raise PhotoRefused("The picture cannot be made small enough.")
