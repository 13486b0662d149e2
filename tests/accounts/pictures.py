"""Pictures that people upload, and files that only look like some; each is made here, byte by byte where it must be."""

import struct
import zlib
from functools import cache
from io import BytesIO

import httpx
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tidings.accounts.photos.types import MAX_UPLOAD_BYTES

MINE = "/api/v1/users/me/photo"
SECRET = "48.8584 N, 2.2945 E"
_EXIF_ORIENTATION, _EXIF_DESCRIPTION = 0x0112, 0x010E


def picture(
    kind: str = "PNG", size: tuple[int, int] = (640, 480), mode: str = "RGB", orientation: int | None = None
) -> bytes:
    """An ordinary picture: red on the left, blue on the right. With an orientation also EXIF."""
    image = Image.new("RGB", size, "red")
    image.paste((0, 0, 255), (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    if orientation is not None:
        exif[_EXIF_ORIENTATION] = orientation
        exif[_EXIF_DESCRIPTION] = SECRET
    return _saved(image.convert(mode), kind, exif=exif)


def with_metadata(kind: str) -> bytes:
    """A picture with EXIF, XMP, a colour profile and a comment, each of which gives a place away."""
    exif = Image.Exif()
    exif[_EXIF_DESCRIPTION] = SECRET
    exif.get_ifd(0x8825)[1] = SECRET  # GPS
    words = PngInfo()
    words.add_text("Comment", SECRET)
    more = {"pnginfo": words} if kind == "PNG" else {"xmp": f"<x>{SECRET}</x>".encode()}
    return _saved(Image.new("RGB", (64, 64), "green"), kind, exif=exif, icc_profile=SECRET.encode(), **more)


def noise(size: tuple[int, int] = (1024, 1024)) -> bytes:
    """What no encoder can make small."""
    return _saved(Image.effect_noise(size, 200).convert("RGB"), "PNG")


def moving(kind: str) -> bytes:
    """Two frames."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    return _saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def png_of(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG whose header promises this size, whatever its body holds."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(body)) + _chunk(b"IEND", b"")


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG whose header promises this size."""
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xc0" + frame + b"\xff\xd9"


def webp_of(width: int, height: int) -> bytes:
    """A WebP whose header promises this size."""
    canvas = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


@cache
def endless_headers() -> dict[str, bytes]:
    """As large as a file may be, and never at the end of what says how large the picture is."""
    room = MAX_UPLOAD_BYTES - 64
    begun = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", bytes(13))
    return {
        "a JPEG of filling": b"\xff\xd8" + b"\xff" * room,
        "a JPEG of markers": b"\xff\xd8" + b"\xff\xd0" * (room // 2),
        "a PNG of empty chunks": begun + _chunk(b"tEXt", b"") * (room // 12),
    }


@cache
def bombs() -> dict[str, bytes]:
    """Small files that ask for much, and files that are no still picture."""
    whole = picture("PNG")
    return {
        "a megapixel promised a hundred times over": png_of(10_000, 10_000, bytes(1 << 20)),
        "the largest PNG there can be": png_of((1 << 31) - 1, (1 << 31) - 1),
        "the largest JPEG there can be": jpeg_of(65_535, 65_535),
        "the largest WebP there can be": webp_of(16_383, 16_383),
        "a PNG of zeros that inflates": png_of(6_400, 6_400, bytes(4 << 20)),
        "a whole PNG of too many pixels": _saved(Image.new("1", (6_400, 6_400)), "PNG"),
        "no pixels": png_of(0, 10),
        "a JPEG without an end of its header": b"\xff\xd8\xff\xe0\x00",
        "a JPEG of nothing but scans": picture("JPEG") + b"\xff\xda" * 100,
        "a moving PNG": moving("PNG"),
        "a moving WebP": moving("WEBP"),
        "a GIF": _saved(Image.new("RGB", (8, 8)), "GIF"),
        "a BMP": _saved(Image.new("RGB", (8, 8)), "BMP"),
        "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "a page": b"<!doctype html><script>alert(1)</script>",
        "half a PNG": whole[: len(whole) // 2],
        "half a JPEG": picture("JPEG", (2_000, 2_000))[:2_000],
        "nothing": b"",
        "only a signature": whole[:8],
    }


async def put(client: httpx.AsyncClient, content: bytes, url: str = MINE, name: str = "photo.png") -> httpx.Response:
    """Upload a file as a form does."""
    return await client.put(url, files={"file": (name, content, "application/octet-stream")})


def opened(content: bytes) -> Image.Image:
    """The picture, decoded."""
    image = Image.open(BytesIO(content))
    image.load()
    return image


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
