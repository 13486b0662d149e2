"""What a file promises is read before it is decoded, so that a small file never costs much memory."""

import subprocess
import sys

from tests.docs.pages import ROOT

MEGABYTE = 1 << 20
# A process of its own: the most memory a process ever held is only known of a whole process.
PROGRAM = """
import asyncio, resource
from tests.accounts.pictures import bombs, picture, png_of
from tidings.accounts.photos.errors import PhotoRefused
from tidings.accounts.photos.rendering import render_photo

def most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

async def main() -> None:
    corpus = bombs()
    await render_photo(picture("PNG")), await render_photo(picture("JPEG")), await render_photo(picture("WEBP"))
    before = most()
    for content in corpus.values():
        try:
            await render_photo(content)
        except PhotoRefused:
            continue
        raise SystemExit("a bomb was taken for a picture")
    print(most() - before)
    largest = png_of(8_000, 5_000, b"".join([b"\\0" * 24_001] * 5_000))
    before = most()
    await render_photo(largest)
    print(most() - before)

asyncio.run(main())
"""


def test_row_47_no_bomb_and_no_picture_takes_more_memory_than_it_may() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    for_bombs, for_the_largest = map(int, run.stdout.split())
    assert for_bombs < 32 * MEGABYTE
    assert for_the_largest < 400 * MEGABYTE
