"""Pictures that were uploaded become ours: in a thread, one at a time, because decoding one takes much memory."""

from tidings.accounts.photos.headers import Header, check_header
from tidings.accounts.photos.types import Rendered
from tidings.kernel.threads import BoundedThreads

# One at a time: the largest picture that is taken needs some 350 MB while it is decoded.
_threads = BoundedThreads("photo", at_once=1, waiting=16)


async def render_photo(content: bytes) -> Rendered:
    """Our picture of an uploaded one. Raises PhotoRefused, and Busy when many wait. Call it outside transactions."""
    header = check_header(content)
    return await _threads.run(lambda: _render(content, header))


def _render(content: bytes, header: Header) -> Rendered:
    from tidings.accounts.photos.redrawing import redraw  # noqa: PLC0415 - see there

    return redraw(content, header)
