"""What a picture says of itself in its first bytes, read before anything of it is decoded.

A few bytes can promise more pixels than there is memory. So the format, the size and the number of frames are read
here, from the bytes alone: PNG (W3C PNG §5, §11.2), JPEG (ITU T.81 §B.2), WebP (RFC 9649 §2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidings.accounts.photos.errors import PhotoRefused
from tidings.accounts.photos.types import PictureFormat

MAX_PIXELS: Mapping[PictureFormat, int] = {
    PictureFormat.JPEG: 40_000_000,
    PictureFormat.PNG: 40_000_000,
    PictureFormat.WEBP: 16_000_000,  # its decoder holds the picture three times over
}
MAX_SCANS = 64
"""Each scan of a progressive JPEG walks over every pixel; real ones have about ten."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Start of frame, without DHT (C4), JPG (C8) and DAC (CC), which share the range.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})


@dataclass(frozen=True, slots=True)
class Header:
    """The format and the size in pixels that the bytes claim."""

    format: PictureFormat
    width: int
    height: int


def check_header(content: bytes) -> Header:
    """The header of a picture that is safe to decode. Raises PhotoRefused for everything else."""
    try:
        header = _read(content)
    except (IndexError, StopIteration) as error:  # the bytes end before the header does
        raise PhotoRefused("The file ends too early.") from error
    if header.width < 1 or header.height < 1:
        raise PhotoRefused("The picture has no pixels.")
    if header.width * header.height > MAX_PIXELS[header.format]:
        million = MAX_PIXELS[header.format] // 1_000_000
        raise PhotoRefused(f"A {header.format} picture may have at most {million} million pixels.")
    return header


def _read(content: bytes) -> Header:
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(_JPEG):
        return _jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp(content)
    raise PhotoRefused("This is no JPEG, PNG or WebP picture.")


def _png(content: bytes) -> Header:
    for kind, start, _ in _png_chunks(content):
        if kind == b"acTL":
            raise PhotoRefused("The picture moves; only still ones are taken.")
        if kind == b"IDAT":
            break
        if kind == b"IHDR" and start != 16:
            raise PhotoRefused("The PNG has a second header.")
    if content[12:16] != b"IHDR":
        raise PhotoRefused("The PNG does not begin with its header.")
    return Header(PictureFormat.PNG, _big(content, 16, 4), _big(content, 20, 4))


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and length of each chunk."""
    place = len(_PNG)
    while place < len(content):
        length = _big(content, place, 4)
        yield content[place + 4 : place + 8], place + 8, length
        place += length + 12


def _jpeg(content: bytes) -> Header:
    if content.count(b"\xff\xda") > MAX_SCANS:
        raise PhotoRefused("The JPEG has too many scans.")
    place = 2
    while True:
        if content[place] != 0xFF:
            raise PhotoRefused("The JPEG is damaged.")
        marker = content[place + 1]
        if marker == 0xFF:  # filling
            place += 1
        elif marker in _FRAMES:
            return Header(PictureFormat.JPEG, _big(content, place + 7, 2), _big(content, place + 5, 2))
        elif marker in _WITHOUT_LENGTH:
            place += 2
        else:
            place += 2 + max(_big(content, place + 2, 2), 2)


def _webp(content: bytes) -> Header:
    kind = content[12:16]
    if kind == b"VP8X":
        if content[20] & 0x02:
            raise PhotoRefused("The picture moves; only still ones are taken.")
        return Header(PictureFormat.WEBP, _little(content, 24, 3) + 1, _little(content, 27, 3) + 1)
    if kind == b"VP8L":
        bits = _little(content, 21, 4)
        return Header(PictureFormat.WEBP, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        return Header(PictureFormat.WEBP, _little(content, 26, 2) & 0x3FFF, _little(content, 28, 2) & 0x3FFF)
    raise PhotoRefused("The WebP is damaged.")


def _big(content: bytes, place: int, length: int) -> int:
    return int.from_bytes(_bytes(content, place, length), "big")


def _little(content: bytes, place: int, length: int) -> int:
    return int.from_bytes(_bytes(content, place, length), "little")


def _bytes(content: bytes, place: int, length: int) -> bytes:
    if place + length > len(content):
        raise IndexError(place)
    return content[place : place + length]
