"""The deliveries a worker holds ready, by lane: bounded, and taken from the lanes of a channel in turn."""

import heapq
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from itertools import count

from tidings.outbox.claiming import Lane
from tidings.outbox.held import Work

_Entry = tuple[int, datetime, int, Work]


class Lanes:
    """In a lane the most urgent comes first; between lanes of one channel nobody waits more than a round."""

    def __init__(self, capacities: Mapping[Lane, int]) -> None:
        self._capacities = dict(capacities)
        self._waiting: dict[Lane, list[_Entry]] = {lane: [] for lane in capacities}
        self._arrivals = count()
        self._turns: dict[str, deque[Lane]] = {}
        for lane in capacities:
            self._turns.setdefault(lane.channel, deque()).append(lane)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def rooms(self) -> dict[Lane, int]:
        """How many each lane takes. One that is more than half full takes none yet, so that claims stay large."""
        return {lane: self._room(lane) for lane in self._capacities}

    def put(self, work: Work) -> None:
        """Hold one ready in its lane."""
        delivery = work.delivery
        entry = (-delivery.priority, delivery.due_at, next(self._arrivals), work)
        heapq.heappush(self._waiting[Lane(delivery.kind, delivery.channel)], entry)

    def take(self, channel: str, most: int) -> list[Work]:
        """The next ones to send on a channel, one from each lane in turn."""
        taken: list[Work] = []
        turns = self._turns[channel]
        empty = 0
        while len(taken) < most and empty < len(turns):
            waiting = self._waiting[turns[0]]
            turns.rotate(-1)
            empty = 0 if waiting else empty + 1
            if waiting:
                taken.append(heapq.heappop(waiting)[3])
        return taken

    def _room(self, lane: Lane) -> int:
        free = self._capacities[lane] - len(self._waiting[lane])
        return free if free * 2 >= self._capacities[lane] else 0
