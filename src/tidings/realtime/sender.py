"""Brings streams up to date: at once where that needs no waiting, in a task of their own where it does."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice

import structlog

from tidings.realtime.ports import ConnectionLost
from tidings.realtime.stream import Stream, UserGone
from tidings.realtime.types import CloseCode

SLICE = 500  # streams served before other work of the loop gets its turn
_log = structlog.get_logger(__name__)


class Sender:
    """Serves what was touched once per turn of the loop, so that what is rung together is sent together.

    An idle stream has no task. `end` closes a stream, `lost` lets go of one whose other side is gone, `siblings` are
    all streams of the same user.
    """

    def __init__(
        self,
        *,
        end: Callable[[Stream, int, str], None],
        lost: Callable[[Stream], object],
        siblings: Callable[[Stream], Sequence[Stream]],
    ) -> None:
        self._end = end
        self._lost = lost
        self._siblings = siblings
        self._dirty: dict[Stream, None] = {}
        self._is_due = False
        self._pumps: set[asyncio.Task[None]] = set()

    def touch(self, stream: Stream) -> None:
        """There may be something to send."""
        stream.dirty = True
        self._dirty[stream] = None
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._serve)

    def forget(self, stream: Stream) -> None:
        """Send nothing more to this one."""
        self._dirty.pop(stream, None)
        if stream.pump is not None:
            stream.pump.cancel()

    async def stop(self) -> None:
        """Leave no task behind."""
        self._dirty.clear()
        self._is_due = False  # what was called for soon may never come: the loop can end first
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def _serve(self) -> None:
        for stream in list(islice(self._dirty, SLICE)):
            self._dirty.pop(stream, None)
            if stream.is_open and stream.pump is None:  # a pump sees for itself that its stream is dirty
                self._bring_up_to_date(stream)
        self._is_due = bool(self._dirty)
        if self._is_due:
            asyncio.get_running_loop().call_soon(self._serve)

    def _bring_up_to_date(self, stream: Stream) -> None:
        try:
            if stream.send_now():
                self._settle(stream)
                return
        except Exception:  # noqa: BLE001 - `_fail` logs it
            self._fail(stream)
            return
        stream.pump = asyncio.create_task(self._pump(stream))
        self._pumps.add(stream.pump)  # the loop itself holds tasks weakly
        stream.pump.add_done_callback(self._pumps.discard)

    async def _pump(self, stream: Stream) -> None:
        try:
            await stream.catch_up()
        except ConnectionLost:
            stream.pump = None
            self._lost(stream)
        except UserGone:
            stream.pump = None
            self._end(stream, CloseCode.REVOKED, "no such user")
        except Exception:  # noqa: BLE001 - `_fail` logs it
            stream.pump = None
            self._fail(stream)
        else:
            stream.pump = None
            self._settle(stream)

    def _fail(self, stream: Stream) -> None:
        """A fault of ours must not leave a stream that looks alive and is not: the device comes back."""
        _log.exception("stream_failed")
        self._end(stream, CloseCode.INTERNAL_ERROR, "internal error")

    def _settle(self, stream: Stream) -> None:
        if stream.feed.has_recent and all(each.is_current for each in self._siblings(stream)):
            stream.feed.forget_recent()
