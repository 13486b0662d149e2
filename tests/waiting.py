"""Waiting for a condition, never for a time."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], *, patience_s: float = 30.0) -> None:
    """Ask again and again until the answer is yes. Raises TimeoutError."""
    async with asyncio.timeout(patience_s):
        while not await condition():
            await asyncio.sleep(0.02)
