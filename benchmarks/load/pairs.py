"""One client that asks two things in turn, pair after pair, and how long each answer took.

`python -m benchmarks.load.pairs` reads Pairs as JSON and prints Taken as JSON.
"""

import http.client
import sys
import time

import msgspec

PATIENCE_S = 60.0


class Pairs(msgspec.Struct, kw_only=True):
    """Bodies to post: what stands at one place of both lists is one pair. All must be answered with `status`."""

    port: int
    path: str
    headers: dict[str, str]
    status: int
    one: list[str]
    other: list[str]
    warm_up: int
    """So many pairs at the beginning do not count."""


class Taken(msgspec.Struct, kw_only=True):
    """Milliseconds from the request to the end of its answer, pair by pair."""

    one: list[float]
    other: list[float]

    @property
    def differences(self) -> list[float]:
        return [one - other for one, other in zip(self.one, self.other, strict=True)]


def run(pairs: Pairs) -> Taken:
    """Ask. Whoever of a pair is asked first changes from pair to pair, so that each follows each equally often."""
    connection = http.client.HTTPConnection("127.0.0.1", pairs.port, timeout=PATIENCE_S)
    taken = Taken(one=[], other=[])
    sides = [(taken.one, iter(pairs.one)), (taken.other, iter(pairs.other))]
    for _ in pairs.one:
        for times, bodies in sides:
            times.append(_ask(connection, pairs, next(bodies)))
        sides.reverse()
    connection.close()
    return Taken(one=taken.one[pairs.warm_up :], other=taken.other[pairs.warm_up :])


def _ask(connection: http.client.HTTPConnection, pairs: Pairs, body: str) -> float:
    began = time.perf_counter()
    connection.request("POST", pairs.path, body, {"Content-Type": "application/json", **pairs.headers})
    answer = connection.getresponse()
    said = answer.read()
    took = time.perf_counter() - began
    if answer.status != pairs.status:
        raise SystemExit(f"{pairs.path} answered {answer.status}: {said.decode(errors='replace')}")
    return took * 1e3


if __name__ == "__main__":
    found = run(msgspec.json.decode(sys.stdin.buffer.read(), type=Pairs))
    sys.stdout.buffer.write(msgspec.json.encode(found))
