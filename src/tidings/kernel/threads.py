"""Work that keeps a processor busy or holds much memory: in threads, a fixed number at once, and never a long queue."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from tidings.kernel.errors import Busy

Result = TypeVar("Result")


class BoundedThreads:
    """Runs up to `at_once` pieces of work, and lets up to `waiting` more wait; whoever comes then is turned away."""

    def __init__(self, name: str, *, at_once: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self._room = threading.BoundedSemaphore(at_once + waiting)

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises. Raises Busy when too many wait already."""
        if not self._room.acquire(blocking=False):
            raise Busy(headers={"Retry-After": "1"})
        future: Future[Result] = self._threads.submit(work)
        # The room is given back when the thread is done, not when the caller stops waiting for it.
        future.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(future)
