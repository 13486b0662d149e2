"""The numbers of the hub; tests shorten them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds. `tick_s` is how exactly heartbeats, expiry and stalls are noticed."""

    heartbeat_s: float = 30.0
    tick_s: float = 0.25
    stall_s: float = 15.0
    heal_s: tuple[float, float] = (30.0, 45.0)
    longest_pause_s: float = 0.5
    """The most that lies between a Wake and the check it asks for, when checks are slow."""
    drain_s: float = 10.0
    close_s: float = 10.0
    """How long the other side may take to read that the stream has ended."""
    max_backoff_s: float = 30.0
    max_connections: int = 20
    max_gap: int = 1_000
    read_limit: int = 200
    parallel_reads: int = 8
