"""Password hashes: argon2id (RFC 9106) in threads behind fixed permits, so that a flood sheds load.

The password is used exactly as received: no trimming, no normalisation, every code point counts.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from tidings.kernel.errors import Busy

Result = TypeVar("Result")

MIN_LENGTH = 8
MAX_LENGTH = 250
PERMITS = 2 * (os.cpu_count() or 1)  # at most this many times 19 MiB
WAITING = 8 * PERMITS

# OWASP's argon2id parameters, which are also the least that the security promises allow.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_MAX_TIME_COST, _MAX_MEMORY_KIB, _MAX_PARALLELISM = 10, 256 * 1024, 8

_threads = ThreadPoolExecutor(PERMITS, thread_name_prefix="password")
_room = threading.BoundedSemaphore(PERMITS + WAITING)


async def hash_password(password: str) -> str:
    """An argon2id hash. Raises Busy when too many wait already. Call it outside transactions."""
    return await _in_thread(lambda: _hasher.hash(password))


async def is_correct(password: str, stored: str | None) -> bool:
    """Whether the password is the stored hash's; without a hash False, as slowly. Raises Busy likewise."""
    return await _in_thread(lambda: _verify(password, stored))


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's, so that a sign-in should replace it."""
    return _hasher.check_needs_rehash(stored)


def _verify(password: str, stored: str | None) -> bool:
    usable = stored is not None and _is_affordable(stored)
    try:
        _hasher.verify(stored if stored is not None and usable else _dummy(), password)
    except VerificationError:  # the expected outcome of a wrong password
        return False
    return usable


@cache
def _dummy() -> str:
    """What is verified when there is no hash, so that an unknown name takes as long as a wrong password."""
    return _hasher.hash("nobody's password")


def _is_affordable(stored: str) -> bool:
    """Whether verifying stays within the cap: an imported hash must not be able to exhaust this machine."""
    try:
        parameters = extract_parameters(stored)
    except InvalidHashError:  # not argon2: nobody's password
        return False
    return (
        parameters.time_cost <= _MAX_TIME_COST
        and parameters.memory_cost <= _MAX_MEMORY_KIB
        and parameters.parallelism <= _MAX_PARALLELISM
    )


async def _in_thread(work: Callable[[], Result]) -> Result:
    if not _room.acquire(blocking=False):
        raise Busy(headers={"Retry-After": "1"})
    future: Future[Result] = _threads.submit(work)
    # The room is given back when the thread is done, not when the caller stops waiting for it.
    future.add_done_callback(lambda _: _room.release())
    return await asyncio.wrap_future(future)
