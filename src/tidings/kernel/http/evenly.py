"""Answers that leave on a beat, so that the time of the work behind them tells nothing.

Whether somebody has an address decides how much there is to do: an account is made or not, a letter is written or not.
Equal work for both can only be approached; a wait that ends on a fixed beat takes both to the same moment.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi.exceptions import RequestValidationError


@dataclass(frozen=True, slots=True)
class Beat:
    """How many seconds apart answers leave; of a sign-in only refusals, because a success shows by itself."""

    seconds: float
    refusals_only: bool = False


@asynccontextmanager
async def on_the_beat(beat: Beat | None) -> AsyncIterator[None]:
    """Leave this block a whole number of beats after entering it, however it ends. Hold nothing others wait for.

    What is refused for its shape alone leaves at once: nothing was looked at that could be told.
    """
    now = asyncio.get_running_loop().time
    began, waits = now(), beat is not None
    try:
        yield
        waits = beat is not None and not beat.refusals_only
    except RequestValidationError:
        waits = False
        raise
    finally:
        if beat is not None and waits:
            await asyncio.sleep(beat.seconds - (now() - began) % beat.seconds)
