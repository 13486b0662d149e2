"""What is served of a photo is our own encoding of its pixels, never a byte of what was sent."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accounts.pictures import MINE, bombs, opened, picture, put
from tests.accounts.world import World, code
from tidings.accounts.models import User
from tidings.accounts.photos.errors import PhotoRefused
from tidings.accounts.photos.rendering import render_photo

PAYLOAD = b"<script>alert(document.domain)</script>"
WHOLE = {kind: picture(kind, (96, 64)) for kind in ("JPEG", "PNG", "WEBP")}


def hidden_behind(content: bytes) -> bytes:
    """A picture that is a page and an archive as well."""
    archive = BytesIO()
    with ZipFile(archive, "w") as zipped:
        zipped.writestr("index.html", PAYLOAD)
    return content + PAYLOAD + archive.getvalue()


@pytest.mark.parametrize("kind", WHOLE)
async def test_row_45_of_two_files_in_one_only_the_picture_is_served(world: World, ada: User, kind: str) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await put(browser, hidden_behind(WHOLE[kind]), name="photo.html")).status_code == 200
        served = await browser.get(MINE)
    assert served.headers["content-type"] == "image/webp"
    assert PAYLOAD not in served.content
    assert b"PK" not in served.content[-64:]
    assert (opened(served.content).format, opened(served.content).size) == ("WEBP", (96, 64))


@pytest.mark.parametrize("what", ["an SVG", "a page", "a GIF", "a BMP"])
async def test_row_45_a_name_and_a_type_make_no_picture(world: World, ada: User, what: str) -> None:
    async with await world.browser_of(ada) as browser:
        refused = await browser.put(MINE, files={"file": ("photo.png", bombs()[what], "image/png")})
        assert code(refused) == (422, "photo_refused")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6),
    st.integers(0, 1 << 16) | st.none(),
    st.binary(max_size=20),
)
async def test_row_45_every_file_becomes_a_picture_or_is_refused(
    kind: str, changes: list[tuple[int, int]], cut: int | None, more: bytes
) -> None:
    content = bytearray(WHOLE[kind])
    for place, value in changes:
        content[place % len(content)] = value
    sent = bytes(content[: cut % len(content)] if cut is not None else content) + more
    try:
        rendered = await render_photo(sent)
    except PhotoRefused:
        return
    assert opened(rendered.content).format == "WEBP"
    assert opened(rendered.content).size == (rendered.width, rendered.height)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", b"RIFF____WEBPVP8L"]),
    st.binary(),
)
async def test_row_45_bytes_behind_a_signature_are_no_picture(signature: bytes, rest: bytes) -> None:
    with pytest.raises(PhotoRefused):
        await render_photo(signature + rest)
