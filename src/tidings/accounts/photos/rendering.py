"""Pictures that were uploaded become ours: in a thread, one at a time, because decoding one takes much memory."""

from tidings.accounts.photos.headers import check_header
from tidings.accounts.photos.types import SIDE, Rendered
from tidings.kernel.threads import BoundedThreads

# One at a time: the largest picture that is taken needs some 350 MB while it is decoded.
_threads = BoundedThreads("photo", at_once=1, waiting=16)


async def render_photo(content: bytes, *, side: int = SIDE) -> Rendered:
    """Our picture of an uploaded one, with no side longer than this. Call it outside transactions.

    Raises PhotoRefused, and Busy when many wait.
    """
    return await _threads.run(lambda: _render(content, side))


def _render(content: bytes, side: int) -> Rendered:
    header = check_header(content)  # here and not before: a header can be as long as the file
    from tidings.accounts.photos.redrawing import redraw  # noqa: PLC0415 - see there

    return redraw(content, header, side=side)
