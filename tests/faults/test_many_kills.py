"""Four workers on one database, killed at random until everything is sent: nothing lost, and only declared repeats.

`make faults` runs the same with many more; TIDINGS_FAULTS_DELIVERIES says how many.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from tests.faults.office import ONCE, RESEND, Office, opened
from tests.faults.sink import STEPS
from tests.services.run import Run
from tests.waiting import until
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState

DELIVERIES = int(os.environ.get("TIDINGS_FAULTS_DELIVERIES", "1200"))
WORKERS = 4
CONNECTIONS = 4
LEASE_S = 6
PEOPLE = 50
KILLS_IN_A_THOUSAND = 3
PATIENCE_S = 60.0 + DELIVERIES / 10
SLOWNESS_S = 0.02  # so that some kills fall between a mail's end and its answer


@dataclass
class Ledger:
    """What was done, and when; times only to be reported."""

    killed: set[str] = field(default_factory=set)
    began_at: float = field(default_factory=time.monotonic)
    last_kill_at: float = 0.0
    over_at: float = 0.0


@pytest.mark.parametrize(("kind", "share"), [("postgresql", 1.0), ("sqlite", 0.25)])
async def test_four_workers_killed_at_random_send_everything_once_or_twice_where_declared(
    kind: str, share: float, test_run: Run, worker_id: str, tmp_path: Path
) -> None:
    number = int(DELIVERIES * share)
    name = f"{worker_id}_kills"
    settings = {"smtp_connections": CONNECTIONS, "lease_s": LEASE_S, "pool_size": 5}
    async with opened(kind, test_run, name, tmp_path, slowness_s=SLOWNESS_S, **settings) as office:
        await writes(office, number)
        ledger = await kills_at_random(office, number)
        deliveries = await office.deliveries()
        report(kind, office, ledger, deliveries)
        assert len(deliveries) == number
        assert_nothing_is_lost_or_stuck(office, deliveries)
        assert_repeats_are_declared(office, ledger, deliveries)
        assert await office.counts_are_right()


async def writes(office: Office, number: int) -> None:
    """So many deliveries, half of which must not be repeated."""
    people = [{"id": f"person-{each}", "email": f"person-{each}@example.org"} for each in range(PEOPLE)]
    for event in range(number // PEOPLE):
        kind = (ONCE, RESEND)[event % 2]
        sent = await office.world.app.client.post("/notifications", json={"to": people, "type": kind.key})
        assert sent.status_code in {200, 201}, sent.text
        assert sent.json()["accepted"] == PEOPLE


async def kills_at_random(office: Office, number: int) -> Ledger:
    """Four workers; again and again one of them is killed and another takes its place. Returns when all is over."""
    chance, ledger = random.Random(), Ledger()
    kills = max(3, number * KILLS_IN_A_THOUSAND // 1_000)
    running = [office.hires(f"worker-{each}") for each in range(WORKERS)]
    for kill in range(kills):
        threshold = int(number * (kill + chance.random()) / (kills + 1))
        await until_arrived(office, threshold)
        victim = running.pop(chance.randrange(WORKERS))
        victim.kill()
        ledger.killed.add(victim.name)
        running.append(office.hires(f"worker-{WORKERS + kill}"))
    ledger.last_kill_at = time.monotonic()
    await office.until_over(patience_s=PATIENCE_S)
    ledger.over_at = time.monotonic()
    return ledger


async def until_arrived(office: Office, mails: int) -> None:
    async def are_there() -> bool:
        return len(office.sink.copies) >= mails

    await until(are_there, patience_s=PATIENCE_S)


def assert_nothing_is_lost_or_stuck(office: Office, deliveries: Sequence[Delivery]) -> None:
    """Each was sent, or is known to be unknown, and its record says of every attempt how it ended."""
    arrived = {copy.delivery for copy in office.sink.copies}
    assert arrived <= {delivery.id for delivery in deliveries}, "phantom"
    for delivery in deliveries:
        outcomes = [attempt["outcome"] for attempt in delivery.attempts]
        assert outcomes == ["interrupted"] * (len(outcomes) - 1) + [delivery.state.value]
        if delivery.state is DeliveryState.SENT:
            assert delivery.id in arrived, "lost"
        else:
            assert delivery.state is DeliveryState.UNKNOWN, "stuck"
            assert not delivery.may_repeat


def assert_repeats_are_declared(office: Office, ledger: Ledger, deliveries: Sequence[Delivery]) -> None:
    """A mail comes twice only when its first sender was killed in the middle, and then no more than it had in hand."""
    may_repeat = {delivery.id: delivery.may_repeat for delivery in deliveries}
    in_hand: Counter[str] = Counter()
    for delivery, senders in senders_of(office).items():
        if len(senders) > 1:
            assert may_repeat[delivery], "sent again although that was forbidden"
            assert set(senders[:-1]) <= ledger.killed, "sent again although its sender lived"
            in_hand.update(senders[:-1])
    assert all(count <= CONNECTIONS for count in in_hand.values())


def senders_of(office: Office) -> dict[UUID, list[str]]:
    """Of each delivery, the workers that handed it over, in order."""
    senders: dict[UUID, list[str]] = {}
    for copy in office.sink.copies:
        senders.setdefault(copy.delivery, []).append(copy.worker)
    return senders


def report(kind: str, office: Office, ledger: Ledger, deliveries: Sequence[Delivery]) -> None:
    steps: Counter[str] = Counter()
    for worker in ledger.killed:
        steps.update(office.sink.cut_off.get(worker, Counter()))
    repeats = len(office.sink.copies) - len(senders_of(office))
    unknown = sum(delivery.state is DeliveryState.UNKNOWN for delivery in deliveries)
    interrupted = sum(len(delivery.attempts) - 1 for delivery in deliveries)
    points = ", ".join(f"{step} {steps[step]}" for step in STEPS)
    print(  # noqa: T201 - the figures to report
        f"\n{kind}: N = {len(deliveries)}, {len(ledger.killed)} kills; connections cut off at: {points}"
        f"\n  attempts interrupted {interrupted}, repeats {repeats}, unknown {unknown}"
        f"\n  all over after {ledger.over_at - ledger.began_at:.1f} s, {ledger.over_at - ledger.last_kill_at:.1f} s"
        f" after the last kill (leases of {LEASE_S} s)"
    )
