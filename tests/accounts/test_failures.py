"""How long to wait after failures, and what is counted."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.accounts.racing import somebody_waits
from tests.accounts.signing_in import WRONG, fail, log_in, noted
from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tests.waiting import until
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.failures.attempts import Attempt, subject_of_unknown
from tidings.accounts.failures.counting import note_failure, note_success, purge_failures
from tidings.accounts.failures.models import SignInFailures
from tidings.accounts.failures.waiting import FREE, MOST, WINDOW, delay_after, still_counts, wait
from tidings.accounts.known_devices.models import UNKNOWN_DEVICE
from tidings.accounts.models import User
from tidings.kernel.crypto import new_key_text, parse_keys

START = datetime(2026, 3, 2, tzinfo=UTC)


@given(st.integers(min_value=0, max_value=1000))
def test_another_failure_never_shortens_the_wait(failures: int) -> None:
    assert timedelta(0) <= delay_after(failures) <= delay_after(failures + 1) <= WINDOW


def test_people_who_mistype_a_few_times_do_not_wait() -> None:
    assert {delay_after(failures) for failures in range(FREE + 1)} == {timedelta(0)}
    delays = [delay_after(failures) for failures in range(FREE + 1, MOST + 1)]
    assert delays == sorted(set(delays))
    assert delay_after(MOST) == WINDOW


@given(st.lists(st.integers(min_value=0, max_value=1200), max_size=200))
def test_no_fifteen_minutes_hold_more_than_ten_failures(pauses: list[int]) -> None:
    count, last_at, now = 0, START - WINDOW, START
    failed: list[datetime] = []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if wait(count, last_at, now) == timedelta(0):
            count = count + 1 if still_counts(last_at, now) else 1
            last_at = now
            failed.append(now)
    for first in failed:
        assert len([each for each in failed if first <= each < first + WINDOW]) <= MOST


@given(
    st.integers(min_value=0, max_value=20),
    st.integers(min_value=-3600, max_value=3600),
)
def test_whoever_waits_as_told_may_try(failures: int, since: int) -> None:
    now = START + timedelta(seconds=since)
    assert wait(failures, START, now + wait(failures, START, now)) == timedelta(0)


async def test_whoever_must_wait_is_told_how_long(world: World, ada: User, clock: StoppedClock) -> None:
    async with world.client() as browser:
        await fail(world, browser, times=6)
        refused = await log_in(browser)
        assert code(refused) == (429, "too_many_attempts")
        assert refused.headers["Retry-After"] == "2"
        clock.advance(seconds=2)
        assert (await log_in(browser)).status_code == 200


async def test_the_tenth_failure_closes_the_account_for_fifteen_minutes(
    world: World, ada: User, clock: StoppedClock
) -> None:
    async with world.client() as browser:
        await fail(world, browser, times=10)
        clock.advance(minutes=14, seconds=59)
        assert code(await log_in(browser)) == (429, "too_many_attempts")
        clock.advance(seconds=1)
        assert (await log_in(browser)).status_code == 200


async def test_a_success_takes_back_what_failed(world: World, ada: User) -> None:
    async with world.client() as browser:
        await fail(world, browser, times=4)
        assert (await log_in(browser)).status_code == 200
        await fail(world, browser, times=4)
        assert (await log_in(browser)).status_code == 200


async def test_a_failure_at_the_moment_of_a_success_counts_after_it(world: World, ada: User) -> None:
    """Both find the counter; whoever is right removes it while whoever is wrong waits for it."""
    stranger = Actor(kind=ActorKind.NOBODY, ip="203.0.113.7")
    attempt = Attempt(subject=ada.id, user_id=ada.id, device=UNKNOWN_DEVICE, by=stranger, now=world.clock.now())

    async def fails() -> None:
        async with world.database.write() as session:
            await note_failure(session, attempt, "password")

    for _ in range(4):
        await fails()
    async with world.database.write() as session:
        await session.get(SignInFailures, (ada.id, UNKNOWN_DEVICE), with_for_update={"key_share": True})
        late = asyncio.create_task(fails())
        await until(lambda: somebody_waits(world.database))
        await note_success(session, attempt, is_complete=True, had_two_factors=False)
    await late
    async with world.database.read() as session:
        assert await session.scalar(select(SignInFailures.count)) == 1
    assert len(await noted(world, AuditAction.SIGN_IN_FAILED)) == 5


async def test_a_refused_attempt_does_not_lengthen_the_wait(world: World, ada: User, clock: StoppedClock) -> None:
    async with world.client() as browser:
        await fail(world, browser, times=5)
        for _ in range(20):
            assert code(await log_in(browser, password=WRONG)) == (429, "too_many_attempts")
        clock.advance(seconds=1)
        assert (await log_in(browser)).status_code == 200


async def test_the_audit_log_says_what_failed_and_when_it_was_too_often(world: World, ada: User) -> None:
    async with world.client() as browser:
        await fail(world, browser, times=10)
        await fail(world, browser, "nobody", times=1)
    failed = await noted(world, AuditAction.SIGN_IN_FAILED)
    assert [each["locked"] for each in failed] == [False] * 9 + [True, False]
    assert {each["what"] for each in failed} == {"password"}


async def test_old_counters_are_removed(world: World, ada: User, clock: StoppedClock) -> None:
    async with world.client() as browser:
        await fail(world, browser, times=1)
        clock.advance(hours=13)
        await fail(world, browser, "nobody", times=1)
        clock.advance(hours=12)
    async with world.database.write() as session:
        assert await purge_failures(session, now=clock.now()) == 1
        assert await session.scalar(select(func.count()).select_from(SignInFailures)) == 1


def test_without_the_key_nobody_can_say_which_unknown_name_was_tried() -> None:
    ours, theirs = parse_keys(new_key_text()), parse_keys(new_key_text())
    assert subject_of_unknown("ada", keyring=ours) == subject_of_unknown("ada", keyring=ours)
    assert subject_of_unknown("ada", keyring=ours) != subject_of_unknown("ada", keyring=theirs)
