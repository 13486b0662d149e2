"""A photo says nothing of where, when and with what it was taken."""

import pytest

from tests.accounts.pictures import MINE, SECRET, opened, put, with_metadata
from tests.accounts.world import World
from tidings.accounts.models import User


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_row_46_no_exif_xmp_place_profile_or_comment_is_left(world: World, ada: User, kind: str) -> None:
    sent = with_metadata(kind)
    assert sent.count(SECRET.encode()) >= 2
    async with await world.browser_of(ada) as browser:
        assert (await put(browser, sent)).status_code == 200
        served = (await browser.get(MINE)).content
    assert SECRET.encode() not in served
    assert chunks(served) == [b"VP8 "]
    assert not opened(served).getexif()


def chunks(webp: bytes) -> list[bytes]:
    """The chunks a WebP is made of (RFC 9649 §2.3)."""
    found, place = [], 12
    while place < len(webp):
        found.append(webp[place : place + 4])
        length = int.from_bytes(webp[place + 4 : place + 8], "little")
        place += 8 + length + length % 2
    return found
