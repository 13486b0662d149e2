"""Password hashes: argon2id (RFC 9106) in threads behind fixed permits, so that a flood sheds load.

The password is used exactly as received: no trimming, no normalisation, every code point counts. What is stored begins
with a mark where the password is too short to open an account by itself: so the note goes wherever the hash goes.
"""

import os
from functools import cache

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from tidings.kernel.threads import BoundedThreads

MIN_LENGTH = 8
ALONE = 15
"""From this length on a password may open an account by itself (NIST SP 800-63B-4 §3.1.1)."""
MAX_LENGTH = 250
PERMITS = 2 * (os.cpu_count() or 1)  # at most this many times 19 MiB
WAITING = 8 * PERMITS

# OWASP's argon2id parameters, which are also the least that the security promises allow.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_MAX_TIME_COST, _MAX_MEMORY_KIB, _MAX_PARALLELISM = 10, 256 * 1024, 8

_SHORT = "short:"

password_threads = BoundedThreads("password", at_once=PERMITS, waiting=WAITING)


async def hash_password(password: str) -> str:
    """An argon2id hash, as it is stored. Raises Busy when too many wait already. Call it outside transactions."""
    mark = _SHORT if len(password) < ALONE else ""
    return mark + await password_threads.run(lambda: _hasher.hash(password))


async def is_correct(password: str, stored: str | None) -> bool:
    """Whether the password is the stored hash's; without a hash False, as slowly. Raises Busy likewise."""
    return await password_threads.run(lambda: _verify(password, stored and stored.removeprefix(_SHORT)))


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's, so that a sign-in should replace it."""
    return _hasher.check_needs_rehash(stored.removeprefix(_SHORT))


def is_long_enough_alone(stored: str) -> bool:
    """Whether the hash is of a password that may open an account by itself, as far as its length goes."""
    return not stored.startswith(_SHORT)


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
