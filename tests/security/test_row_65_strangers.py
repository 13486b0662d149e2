"""What strangers cause again and again is on record one by one up to a number, and counted beyond it: nothing is lost.

Nobody removes anything from the log, so nobody outside may decide how long it grows.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import API, WRONG, fail, log_in, noted
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.summing import AT_ONCE, ONE_BY_ONE, record_or_count, sum_up
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.models import User
from tidings.kernel.rate_limits.models import RateCount

FAILED = AuditAction.SIGN_IN_FAILED


def stranger(ip: str | None = "203.0.113.7") -> Actor:
    return Actor(kind=ActorKind.NOBODY, ip=ip)


async def cause(world: World, times: int, *, ip: str | None = "203.0.113.7", action: AuditAction = FAILED) -> None:
    """Somebody there fails as often as that, one after another."""
    async with world.database.write() as session:
        for _ in range(times):
            await record_or_count(session, action, by=stranger(ip), now=world.clock.now(), detail={"what": "password"})


async def summed(world: World) -> list[int]:
    """What each slice came to, until nothing was left."""
    slices: list[int] = []
    while not slices or slices[-1]:
        async with world.database.write() as session:
            slices.append(await sum_up(session, now=world.clock.now()))
    return slices


async def entries(world: World) -> Sequence[AuditEntry]:
    async with world.database.read() as session:
        return (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()


async def counts(world: World) -> int:
    async with world.database.read() as session:
        return len((await session.scalars(select(RateCount))).all())


async def test_row_65_what_comes_after_so_many_in_an_hour_is_one_entry_with_their_number(world: World) -> None:
    hour = world.clock.now().strftime("%Y-%m-%dT%HZ")
    await cause(world, ONE_BY_ONE + 1_000)
    assert len(await entries(world)) == ONE_BY_ONE
    world.clock.advance(hours=1)
    await summed(world)
    *_, last = found = await entries(world)
    assert len(found) == ONE_BY_ONE + 1
    assert (last.action, last.actor_kind, last.ip) == (FAILED, ActorKind.NOBODY, "203.0.113.7")
    assert last.detail == {"times": 1_000, "hour": hour}


async def test_row_65_who_stays_below_leaves_nothing_but_the_entries(world: World) -> None:
    await cause(world, ONE_BY_ONE)
    world.clock.advance(hours=1)
    await summed(world)
    assert [entry.detail for entry in await entries(world)] == [{"what": "password"}] * ONE_BY_ONE
    assert await counts(world) == 0


async def test_row_65_an_hour_is_summed_up_once_it_is_over_and_only_once(world: World) -> None:
    await cause(world, ONE_BY_ONE + 2)
    assert await summed(world) == [0]
    world.clock.advance(hours=1)
    assert await summed(world) == [1, 0]
    assert await summed(world) == [0]
    assert len(await entries(world)) == ONE_BY_ONE + 1


async def test_row_65_every_hour_action_and_network_counts_for_itself(world: World) -> None:
    await cause(world, ONE_BY_ONE + 1)
    await cause(world, 1, ip="198.51.100.9")
    await cause(world, 1, ip=None)
    await cause(world, 1, action=AuditAction.PASSWORD_RESET_ASKED)
    world.clock.advance(hours=1)
    await cause(world, 1)
    assert len(await entries(world)) == ONE_BY_ONE + 4


async def test_row_65_all_addresses_of_one_customer_are_one(world: World) -> None:
    for last in range(ONE_BY_ONE + 1):
        await cause(world, 1, ip=f"2001:db8:1:2::{last:x}")
    assert len(await entries(world)) == ONE_BY_ONE
    world.clock.advance(hours=1)
    await summed(world)
    assert (await entries(world))[-1].ip == "2001:db8:1:2::"


async def test_row_65_many_networks_are_summed_up_slice_by_slice(world: World) -> None:
    for number in range(AT_ONCE + 3):
        await cause(world, 1, ip=f"203.0.{number // 250}.{number % 250}")
    world.clock.advance(hours=1)
    assert await summed(world) == [AT_ONCE, 3, 0]


async def test_row_65_a_worker_that_was_away_for_days_sums_up_what_was_counted_meanwhile(world: World) -> None:
    await cause(world, ONE_BY_ONE + 5)
    world.clock.advance(days=6)
    await summed(world)
    assert (await entries(world))[-1].detail["times"] == 5


async def test_row_65_many_at_once_lose_none(world: World) -> None:
    async def one() -> None:
        await cause(world, 10)

    await asyncio.gather(*(one() for _ in range(8)))
    world.clock.advance(hours=1)
    await asyncio.gather(summed(world), summed(world))
    found = await entries(world)
    assert len(found) == ONE_BY_ONE + 1
    assert found[-1].detail["times"] == 80 - ONE_BY_ONE


async def test_row_65_failed_sign_ins_fill_no_disk(world: World, ada: User) -> None:
    async with world.client() as browser:
        for number in range(ONE_BY_ONE + 3):
            assert code(await log_in(browser, f"nobody{number}", WRONG)) == (401, "invalid_credentials")
        assert code(await log_in(browser, "ada", WRONG)) == (401, "invalid_credentials")
    assert len(await noted(world, FAILED)) == ONE_BY_ONE
    world.clock.advance(hours=1)
    await summed(world)
    assert (await noted(world, FAILED))[-1]["times"] == 4


async def test_row_65_that_an_account_is_closed_is_always_on_record(world: World, ada: User) -> None:
    await cause(world, ONE_BY_ONE, ip="127.0.0.1")
    async with world.client() as browser:
        await fail(world, browser, times=10)
    assert [entry.target_id for entry in await entries(world) if entry.detail.get("locked")] == [ada.id]


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
async def test_row_65_asking_for_new_passwords_fills_none(world: World, ada: User, email: str) -> None:
    await cause(world, ONE_BY_ONE, ip="127.0.0.1", action=AuditAction.PASSWORD_RESET_ASKED)
    async with world.client() as browser:
        answer = await browser.post(f"{API}/auth/password-reset/request", json={"email": email})
    assert answer.status_code == 202
    assert len(await noted(world, AuditAction.PASSWORD_RESET_ASKED)) == ONE_BY_ONE


async def test_row_65_signing_up_with_known_addresses_fills_none(world: World, ada: User) -> None:
    await open_sign_up(world)
    await cause(world, ONE_BY_ONE, ip="127.0.0.1", action=AuditAction.SIGN_UP_REFUSED)
    asked: dict[str, Any] = {"name": "Eve", "username": "eve", "email": "ada@example.org", "password": PASSWORD}
    async with world.client() as browser:
        assert (await browser.post(f"{API}/auth/sign-up", json=asked)).status_code == 202
    assert len(await noted(world, AuditAction.SIGN_UP_REFUSED)) == ONE_BY_ONE


async def test_row_65_what_people_do_is_never_counted_together(world: World, ada: User) -> None:
    by = Actor(kind=ActorKind.USER, id=ada.id, ip="203.0.113.7")
    async with world.database.write() as session:
        for _ in range(ONE_BY_ONE + 5):
            await record(session, AuditAction.ACCOUNT_CHANGED, by=by, now=world.clock.now())
    assert len(await noted(world, AuditAction.ACCOUNT_CHANGED)) == ONE_BY_ONE + 5
