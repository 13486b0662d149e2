"""The least that a sign-in with a password can cost: argon2 verifications and nothing else, one after another.

`python -m benchmarks.references.hashing` reads a Hashing as JSON and prints how far it came as JSON.
"""

import sys
import time

import msgspec
from argon2 import PasswordHasher


class Hashing(msgspec.Struct, kw_only=True):
    """A hash, whose parameters are used, and the password it is of."""

    stored: str
    password: str
    seconds: float


class Verified(msgspec.Struct, kw_only=True):
    """How many verifications took how many seconds of a core."""

    count: int
    cpu_s: float

    @property
    def per_core(self) -> float:
        return self.count / self.cpu_s


def run(hashing: Hashing) -> Verified:
    """Verify until the time is over."""
    hasher, began, cpu_began, count = PasswordHasher(), time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < hashing.seconds:
        hasher.verify(hashing.stored, hashing.password)
        count += 1
    return Verified(count=count, cpu_s=time.process_time() - cpu_began)


if __name__ == "__main__":
    verified = run(msgspec.json.decode(sys.stdin.buffer.read(), type=Hashing))
    sys.stdout.buffer.write(msgspec.json.encode(verified))
