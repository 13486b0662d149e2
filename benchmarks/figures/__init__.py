"""One module for each group of figures; each gives what it measured."""

from collections.abc import Awaitable, Callable

from benchmarks.bench import Bench
from benchmarks.figures import (
    changing,
    creating,
    delivering,
    notifying,
    reading,
    signing_in,
    starting,
    streaming,
    telling,
)
from benchmarks.results import Figure

GROUPS: tuple[tuple[tuple[str, ...], Callable[[Bench], Awaitable[list[Figure]]]], ...] = (
    (("M1",), creating.on_a_server_with_postgres),
    (("M2",), notifying.to_one),
    (("M3",), notifying.to_many),
    (("M4", "M5"), reading.with_history),
    (("M6",), streaming.fan_out),
    (("M7",), streaming.idle),
    (("M9",), streaming.latency),
    (("M11",), delivering.by_one_worker),
    (("M12",), starting.from_nothing),
    (("M13",), creating.on_a_server_with_sqlite),
    (("M14",), changing.many_at_once),
    (("M15", "M16"), signing_in.with_a_password),
    (("M17",), telling.by_time),
)
